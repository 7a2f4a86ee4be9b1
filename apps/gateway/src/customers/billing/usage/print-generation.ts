import type { Generation } from './generation.ts';

/** The database has no place for these in a text. Cutting a caller's text can leave half a surrogate pair. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** One line of JSON; an absent member is null in the database. */
export function printGeneration({
  costNano,
  writtenOffNano,
  modelAsked,
  ...rest
}: Generation): string {
  return JSON.stringify({
    ...rest,
    modelAsked: modelAsked.replace(UNSTORABLE, '\u{FFFD}'),
    costNano: costNano.toString(),
    writtenOffNano: writtenOffNano.toString(),
  });
}
