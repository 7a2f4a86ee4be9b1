import type { Spread } from './spread.ts';

export interface ResultRow {
  readonly set: string;
  readonly measure: string;
  readonly value: Spread;
  /** Published numbers and baselines, to be read beside ours. */
  readonly beside: string;
}

/** A Markdown table, one row per measure. */
export function printTable(rows: readonly ResultRow[]): string {
  const lines = rows.map(
    ({ set, measure, value, beside }) =>
      `| ${set} | ${measure} | ${printSpread(value)} | ${beside} |`,
  );
  return ['| set | measure | ours | beside |', '|---|---|---|---|', ...lines].join('\n');
}

function printSpread({ mean, sd, seeds }: Spread): string {
  const digits = Math.abs(mean) >= 100 ? 0 : Math.abs(mean) >= 10 ? 2 : 3;
  return seeds < 2
    ? mean.toFixed(digits)
    : `${mean.toFixed(digits)} ± ${sd.toFixed(digits)} (${seeds})`;
}
