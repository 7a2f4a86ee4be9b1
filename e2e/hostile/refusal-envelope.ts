import { REFUSALS, type RefusalCode } from '@sealgate/contract';
import { expect } from 'vitest';
import type { RawAnswer } from './raw-socket.ts';

export const isRefusalCode = (code: unknown): code is RefusalCode =>
  typeof code === 'string' && Object.hasOwn(REFUSALS, code);

/** One refusal of the closed table, printed in OpenAI's envelope with `detail` beside it. */
export function expectRefusal(
  answer: RawAnswer,
  wanted: { readonly status: number; readonly code?: RefusalCode },
): void {
  const { error, detail, ...others } = JSON.parse(answer.body) as {
    error: Record<string, unknown>;
    detail: string;
  };
  expect(answer.headers['content-type']).toBe('application/json');
  expect({ status: answer.status, code: error['code'] }).toEqual({
    status: wanted.status,
    code: wanted.code ?? error['code'],
  });
  expect(isRefusalCode(error['code'])).toBe(true);
  expect(error).toMatchObject({ message: detail, type: expect.any(String) });
  expect(others).toEqual({});
}
