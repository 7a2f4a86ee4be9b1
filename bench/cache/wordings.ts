import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Wordings {
  readonly same: readonly (readonly string[])[];
  readonly different: readonly (readonly string[])[];
}

/** Every pair within a group. */
export interface Pairs {
  readonly name: string;
  readonly same: readonly Pair[];
  readonly different: readonly Pair[];
}

export type Pair = readonly [one: string, other: string];

export function loadPairs(name: 'seen' | 'unseen'): Pairs {
  const path = join(import.meta.dirname, `wordings-${name}.json`);
  const { same, different } = JSON.parse(readFileSync(path, 'utf8')) as Wordings;
  return { name, same: same.flatMap(pairsOf), different: different.flatMap(pairsOf) };
}

const pairsOf = (group: readonly string[]): Pair[] =>
  group.flatMap((one, index) => group.slice(index + 1).map((other): Pair => [one, other]));
