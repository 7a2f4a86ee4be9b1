import type { DataSet, Row } from './data.ts';
import { learnAll } from './learn-all.ts';
import { mean, overSeeds, type Spread } from './spread.ts';

/** RouterDC's protocol: learn from some groups' training rows, then name one model per test prompt. */
const ROUTER_DC = {
  inDistribution: ['mmlu', 'gsm8k', 'cmmlu', 'arc_challenge', 'humaneval'],
  outOfDistribution: ['MATH_prealgebra', 'mbpp', 'ceval'],
} as const;

/** Percent right, averaged over groups without regard to their size. */
export function nameBestModels(set: DataSet, seeds: number): Readonly<Record<string, Spread>> {
  const trained = new Set<string>(ROUTER_DC.inDistribution);
  const training = set.rows.filter(({ split, group }) => split === 'train' && trained.has(group));
  return overSeeds<string>(seeds, (seed) => {
    const models = learnAll(training, seed);
    const named = (row: Row): number => {
      const qualities = models.map((model) => model.predict(row.features));
      return row.quality[qualities.indexOf(Math.max(...qualities))] ?? 0;
    };
    const groups = [...ROUTER_DC.inDistribution, ...ROUTER_DC.outOfDistribution];
    const byGroup = Object.fromEntries(
      groups.map((group) => [group, 100 * mean(testRows(set, group).map(named))]),
    );
    const average = (names: readonly string[]): number =>
      mean(names.map((name) => byGroup[name] ?? 0));
    return {
      in: average(ROUTER_DC.inDistribution),
      out: average(ROUTER_DC.outOfDistribution),
      ...byGroup,
    };
  });
}

const testRows = (set: DataSet, group: string): readonly Row[] =>
  set.rows.filter((row) => row.split === 'test' && row.group === group);
