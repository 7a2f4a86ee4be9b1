import { learnAll } from './learn-all.ts';
import { pairMetrics, type PairMetrics } from './pair-metrics.ts';
import type { DataSet, Row } from './data.ts';
import { randomFrom, shuffled } from './random.ts';
import { overSeeds, mean, type Spread } from './spread.ts';

/** A weak and a strong model of a set, by their places in it. */
export interface Pair {
  readonly weak: number;
  readonly strong: number;
}

export type PairResult = Readonly<Record<keyof PairMetrics, Spread>>;

const FOLDS = 5;

/** Which of the two places is the stronger model. */
export function orderPair(set: DataSet, first: number, second: number): Pair {
  const quality = (place: number): number => mean(set.rows.map((row) => row.quality[place] ?? 0));
  return quality(first) <= quality(second)
    ? { weak: first, strong: second }
    : { weak: second, strong: first };
}

/** Every prompt is judged by models that have learned from the other four fifths. */
export function judgeByFolds(set: DataSet, pair: Pair, seeds: number): PairResult {
  return overSeeds(seeds, (seed) => {
    const rows = shuffled(set.rows, randomFrom(seed));
    const judged = Array.from({ length: FOLDS }, (_, fold) =>
      judge(
        rows.filter((_row, at) => at % FOLDS !== fold),
        rows.filter((_row, at) => at % FOLDS === fold),
        { pair, seed },
      ),
    );
    return { ...pairMetrics(judged.flat()) };
  });
}

/** Learns from that many labels and judges the rest. */
export function judgeFromLabels(
  set: DataSet,
  pair: Pair,
  options: { labels: number; seeds: number },
): PairResult {
  return overSeeds(options.seeds, (seed) => {
    const rows = shuffled(set.rows, randomFrom(seed));
    const judged = judge(rows.slice(0, options.labels), rows.slice(options.labels), { pair, seed });
    return { ...pairMetrics(judged) };
  });
}

/** Whole groups are kept from learning: what is left is what carries over to unseen subjects. */
export function judgeUnseenGroups(set: DataSet, pair: Pair, seeds: number): PairResult {
  const groups = [...new Set(set.rows.map(({ group }) => group))];
  return overSeeds(seeds, (seed) => {
    const order = new Map(
      shuffled(groups, randomFrom(seed)).map((group, at) => [group, at % FOLDS]),
    );
    const judged = Array.from({ length: FOLDS }, (_, fold) =>
      judge(
        set.rows.filter(({ group }) => order.get(group) !== fold),
        set.rows.filter(({ group }) => order.get(group) === fold),
        { pair, seed },
      ),
    );
    return { ...pairMetrics(judged.flat()) };
  });
}

/** The prior to beat: longer prompts go to the strong model. */
export function judgeByLength(set: DataSet, pair: Pair): PairMetrics {
  return pairMetrics(set.rows.map((row) => ({ ...outcomes(row, pair), need: row.chars })));
}

function judge(
  labelled: readonly Row[],
  unseen: readonly Row[],
  { pair, seed }: { pair: Pair; seed: number },
): { need: number; weak: number; strong: number }[] {
  const labels = labelled.map((row) => {
    const { weak, strong } = outcomes(row, pair);
    return { features: row.features, quality: [weak, strong] };
  });
  const [weak, strong] = learnAll(labels, seed);
  if (weak === undefined || strong === undefined) return [];
  return unseen.map((row) => ({
    ...outcomes(row, pair),
    need: strong.predict(row.features) - weak.predict(row.features),
  }));
}

const outcomes = (row: Row, pair: Pair): { weak: number; strong: number } => ({
  weak: row.quality[pair.weak] ?? 0,
  strong: row.quality[pair.strong] ?? 0,
});
