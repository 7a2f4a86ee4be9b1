import { sum } from './spread.ts';

export interface PairMetrics {
  /** Average performance gap recovered: 0 is the weak model's quality, 1 the strong one's; random routing gets .5. */
  readonly apgr: number;
  /** Least share of strong calls, in percent, that recovers half (80 %) of the gap. */
  readonly cpt50: number;
  readonly cpt80: number;
}

/** RouteLLM's metrics for prompts ordered by how much they are thought to need the strong model. */
export function pairMetrics(
  prompts: readonly { readonly need: number; readonly weak: number; readonly strong: number }[],
): PairMetrics {
  const ordered = prompts.toSorted((a, b) => b.need - a.need);
  const gap = sum(ordered.map(({ weak, strong }) => strong - weak));
  const curve: number[] = [];
  let gained = 0;
  for (const { weak, strong } of ordered) {
    gained += strong - weak;
    curve.push(gained / gap);
  }
  const share = (goal: number): number =>
    ((curve.findIndex((recovered) => recovered >= goal) + 1) / ordered.length) * 100;
  // The trapezium rule: every step's mean of its two ends.
  const apgr = (sum(curve) - 0.5) / ordered.length;
  return { apgr, cpt50: share(0.5), cpt80: share(0.8) };
}
