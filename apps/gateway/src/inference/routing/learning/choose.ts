import { sum } from './arithmetic.ts';
import type { UtilityWeights } from './tier-weights.ts';

/** One model of the shortlist, with what is expected of it for this request. */
export interface Candidate {
  readonly id: string;
  /** Predicted probability of a good answer. */
  readonly quality: number;
  /** What a thousand requests like this one would cost there. */
  readonly usdPer1000: number;
  readonly latencyMs: number;
  /** How many ratings the prediction rests on. */
  readonly ratings: number;
}

export interface ChoiceRules {
  readonly weights: UtilityWeights;
  /** `false`: always the best, for callers who want no experiments. */
  readonly explore: boolean;
  /** The model that the conversation has been on; it stays there while it is in the shortlist. */
  readonly conversationModel: string | undefined;
}

export interface Option extends Candidate {
  readonly utility: number;
  readonly probability: number;
}

/** What was chosen and why. Logged whole: without the probabilities no policy can be judged afterwards. */
export interface Choice {
  readonly chosen: string;
  readonly reason: 'only-one' | 'conversation' | 'best' | 'exploration';
  readonly options: readonly Option[];
}

/** Exploration sharpens as ratings come in. */
const SHARPNESS = 60;
const RATINGS_PER_SHARPENING = 20;
/** Most that all models but the best may get together: at first, and in the end. */
const FIRST_CAP = 0.2;
const LAST_CAP = 0.03;
const RATINGS_PER_CAP_FALL = 200;
/** Least that each model gets, so that the log can tell what it would have been worth. */
const FLOOR = 0.01;
/** A model whose price alone puts it this far behind the best is never tried just to learn. */
const MAX_PRICE_OF_LEARNING = 0.2;

/** Chooses by inverse-gap weighting: the further a model falls behind, the less often it is tried. `random` is in [0, 1). */
export function choose(
  candidates: readonly Candidate[],
  rules: ChoiceRules,
  random: number,
): Choice {
  const options = probabilitiesOf(candidates, rules);
  const best = bestOf(options);
  const chosen = draw(options, random) ?? best;
  return { chosen: chosen.id, reason: reasonFor(chosen, best, options, rules), options };
}

/** The probability of each candidate, which `choose` draws from. */
export function probabilitiesOf(
  candidates: readonly Candidate[],
  rules: ChoiceRules,
): readonly Option[] {
  const valued = candidates.map((each) => ({ ...each, utility: utilityOf(each, rules.weights) }));
  const best = bestOf(valued);
  const kept = valued.find(({ id }) => id === rules.conversationModel);
  const certain = kept ?? (rules.explore ? undefined : best);
  if (certain !== undefined)
    return valued.map((each) => withProbability(each, each === certain ? 1 : 0));
  const shares = explorationShares(valued, best, rules.weights);
  const explored = sum(shares);
  return valued.map((each, at) =>
    withProbability(each, each === best ? 1 - explored : (shares[at] ?? 0)),
  );
}

type Valued = Candidate & { readonly utility: number };

const withProbability = (valued: Valued, probability: number): Option => ({
  ...valued,
  probability,
});

/** What each model but the best gets. */
function explorationShares(
  valued: readonly Valued[],
  best: Valued,
  weights: UtilityWeights,
): readonly number[] {
  const ratings = sum(valued.map((each) => each.ratings));
  const sharpness = SHARPNESS * Math.sqrt(1 + ratings / RATINGS_PER_SHARPENING);
  const range = Math.max(1, best.utility - Math.min(...valued.map((each) => each.utility)));
  const shares = valued.map((each) =>
    isWorthTrying(each, best, weights)
      ? 1 / (valued.length + (sharpness * (best.utility - each.utility)) / range)
      : 0,
  );
  const cap = Math.max(LAST_CAP, FIRST_CAP / Math.sqrt(1 + ratings / RATINGS_PER_CAP_FALL));
  const tried = shares.filter((share) => share > 0).length;
  const scale = Math.min(1, cap / Math.max(cap, sum(shares)));
  const floor = Math.min(FLOOR, LAST_CAP / Math.max(1, tried));
  return shares.map((share) => (share === 0 ? 0 : Math.max(floor, share * scale)));
}

function isWorthTrying(candidate: Valued, best: Valued, weights: UtilityWeights): boolean {
  const dearer = weights.perUsdPer1000 * (candidate.usdPer1000 - best.usdPer1000);
  return candidate !== best && dearer <= MAX_PRICE_OF_LEARNING;
}

/** By which models are compared. */
export const utilityOf = (candidate: Candidate, weights: UtilityWeights): number =>
  candidate.quality -
  weights.perUsdPer1000 * candidate.usdPer1000 -
  (weights.perSecond * candidate.latencyMs) / 1_000;

function bestOf<T extends Valued>(valued: readonly T[]): T {
  const [first, ...others] = valued;
  if (first === undefined) throw new Error('impossible: a choice among no models');
  return others.reduce((best, each) => (each.utility > best.utility ? each : best), first);
}

function draw(options: readonly Option[], random: number): Option | undefined {
  let left = random;
  for (const option of options) {
    left -= option.probability;
    if (left < 0) return option;
  }
  return undefined;
}

function reasonFor(
  chosen: Option,
  best: Option,
  options: readonly Option[],
  rules: ChoiceRules,
): Choice['reason'] {
  if (options.length === 1) return 'only-one';
  if (chosen.id === rules.conversationModel) return 'conversation';
  return chosen === best ? 'best' : 'exploration';
}
