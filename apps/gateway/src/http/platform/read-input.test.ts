import { ENDPOINTS } from '@sealgate/contract';
import { expect, test } from 'vitest';
import { readJson } from './read-input.ts';

const nested = (depth: number) =>
  `{"role":"user","content":"x","metadata":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

test('JSON that is nested without end is a fault of the caller', () => {
  expect(readJson(ENDPOINTS.appendMessage, nested(98))).toMatchObject({ content: 'x' });
  for (const depth of [99, 20_000, 700_000]) {
    expect(() => readJson(ENDPOINTS.appendMessage, nested(depth))).toThrow('more than 100 levels');
  }
});
