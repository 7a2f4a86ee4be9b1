import { nanoUsd, parseUsd, printUsd, type NanoUsd } from '@sealgate/contract';

/** An amount of a request. `null` takes a limit away, `undefined` leaves it. */
export function readLimit(text: string | null | undefined): NanoUsd | null | undefined {
  if (text === null || text === undefined) return text;
  const limit = parseUsd(text);
  if (limit === undefined) throw new Error('impossible: the schema lets amounts through only');
  return limit;
}

export const printLimit = (limit: bigint | null): string | null =>
  limit === null ? null : printUsd(nanoUsd(limit));
