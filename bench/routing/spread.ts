export interface Spread {
  readonly mean: number;
  /** Standard deviation between seeds. */
  readonly sd: number;
  readonly seeds: number;
}

export const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);

export const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;

export function spreadOf(numbers: readonly number[]): Spread {
  const centre = mean(numbers);
  const squares = sum(numbers.map((each) => (each - centre) ** 2));
  const sd = numbers.length < 2 ? 0 : Math.sqrt(squares / (numbers.length - 1));
  return { mean: centre, sd, seeds: numbers.length };
}

/** Runs once per seed and spreads each number that a run returns. */
export function overSeeds<K extends string>(
  seeds: number,
  run: (seed: number) => Readonly<Record<K, number>>,
): Readonly<Record<K, Spread>> {
  const runs = Array.from({ length: seeds }, (_, seed) => run(seed + 1));
  const [first] = runs;
  if (first === undefined) throw new Error('impossible: no seeds');
  const names = Object.keys(first) as K[];
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(runs.map((each) => each[name]))]),
  ) as Record<K, Spread>;
}
