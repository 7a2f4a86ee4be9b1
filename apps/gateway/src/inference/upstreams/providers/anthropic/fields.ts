import { Refusal } from '../../../../platform/refusal.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Reading a caller's JSON: what is not of the expected kind is refused with its path, not guessed at. */
export function fieldsAt(value: unknown, param: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalid(param, 'must be an object');
}

export function listAt(value: unknown, param: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(param, 'must be a list');
}

export function textAt(value: unknown, param: string): string {
  if (typeof value === 'string') return value;
  throw invalid(param, 'must be a string');
}

export function invalid(param: string, what: string): Refusal {
  return new Refusal('invalid_request_error', { message: `${param} ${what}.`, param });
}

export const numberOrNone = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;
