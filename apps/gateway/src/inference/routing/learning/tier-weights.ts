import type { TierName } from '../../upstreams/index.ts';
import type { Preference } from '../intent.ts';

/** How much quality, as a probability of a good answer, a tier gives up for money and time. */
export interface UtilityWeights {
  /** Per US dollar that a thousand such requests cost. */
  readonly perUsdPer1000: number;
  readonly perSecond: number;
}

const TIERS: Readonly<Record<TierName, UtilityWeights>> = {
  fast: { perUsdPer1000: 0.3, perSecond: 0.04 },
  balanced: { perUsdPer1000: 0.06, perSecond: 0.015 },
  auto: { perUsdPer1000: 0.02, perSecond: 0.005 },
};

const BENDS: Readonly<Record<Preference, UtilityWeights>> = {
  fast: { perUsdPer1000: 1, perSecond: 5 },
  cheap: { perUsdPer1000: 5, perSecond: 1 },
  quality: { perUsdPer1000: 0.1, perSecond: 0.2 },
};

/** The weights of a tier, bent by the suffix `:fast`, `:cheap` or `:quality`. */
export function utilityWeights(tier: TierName, preference: Preference | undefined): UtilityWeights {
  const weights = TIERS[tier];
  if (preference === undefined) return weights;
  const bend = BENDS[preference];
  return {
    perUsdPer1000: weights.perUsdPer1000 * bend.perUsdPer1000,
    perSecond: weights.perSecond * bend.perSecond,
  };
}
