import { utilityWeights } from '../../apps/gateway/src/inference/routing/learning/index.ts';
import type { DataSet } from './data.ts';
import { randomFrom } from './random.ts';
import { mean, overSeeds, type Spread } from './spread.ts';
import { runStream } from './stream.ts';

export const TIERS = ['fast', 'balanced', 'auto'] as const;

const SHORTLIST = 4;
/** How wrong the operator's guess at a model's quality is, and how many ratings it takes to outweigh it. */
const PRIOR_ERROR = 0.08;
const PRIOR_WORTH = 20;

/** One tier on a set with prices: the four models of greatest utility, a rough prior, 30 % rated, 10 % flipped. */
export function judgeTier(
  set: DataSet,
  tier: (typeof TIERS)[number],
  seeds: number,
): Readonly<Record<'utility' | 'quality' | 'usdPer1000' | 'bestFixed', Spread>> {
  const weights = { perUsdPer1000: utilityWeights(tier, undefined).perUsdPer1000, perSecond: 0 };
  const qualities = set.models.map((_, at) => mean(set.rows.map((row) => row.quality[at] ?? 0)));
  const costs = set.models.map((_, at) => mean(set.rows.map((row) => row.usdPer1000[at] ?? 0)));
  const utility = (at: number): number =>
    (qualities[at] ?? 0) - weights.perUsdPer1000 * (costs[at] ?? 0);
  const models = set.models
    .map((_, at) => at)
    .sort((a, b) => utility(b) - utility(a))
    .slice(0, SHORTLIST);
  return overSeeds(seeds, (seed) => {
    const random = randomFrom(seed + 500);
    const priors = models.map((at) => ({
      mean: clamp((qualities[at] ?? 0) + PRIOR_ERROR * normal(random)),
      worth: PRIOR_WORTH,
    }));
    const result = runStream(set.rows, { models, weights, rated: 0.3, flipped: 0.1, seed, priors });
    const { quality, usdPer1000, bestFixed } = result;
    return { utility: result.utility, quality, usdPer1000, bestFixed };
  });
}

const clamp = (probability: number): number => Math.min(0.95, Math.max(0.05, probability));

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
