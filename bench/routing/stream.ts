import {
  choose,
  QualityModel,
  type Prior,
  type UtilityWeights,
} from '../../apps/gateway/src/inference/routing/learning/index.ts';
import type { Row } from './data.ts';
import { NO_PRIOR } from './learn-all.ts';
import { randomFrom, shuffled } from './random.ts';
import { mean, sum } from './spread.ts';

export interface StreamRules {
  /** The pool, by places in the set. */
  readonly models: readonly number[];
  readonly weights: UtilityWeights;
  /** Shares of requests that are rated, and of ratings that say the opposite. */
  readonly rated: number;
  readonly flipped: number;
  readonly seed: number;
  /** By place in the pool. */
  readonly priors?: readonly Prior[] | undefined;
}

export interface StreamResult {
  /** Utility lost against always using the model that turns out best, over the whole stream. */
  readonly regret: number;
  readonly utility: number;
  readonly bestFixed: number;
  readonly quality: number;
  readonly usdPer1000: number;
  readonly randomRegret: number;
  /** Quality in the last fifth. */
  readonly lastFifth: number;
  /** Regret after some requests, for the curve. */
  readonly curve: readonly { readonly requests: number; readonly regret: number }[];
  /** The share of requests that did not go to the model thought best. */
  readonly explored: number;
}

export const QUALITY_ONLY: UtilityWeights = { perUsdPer1000: 0, perSecond: 0 };
const CURVE = [300, 1_000, 3_000, 6_000];

/** One pass over shuffled prompts: choose, see the chosen model's outcome alone, sometimes be rated. */
export function runStream(rows: readonly Row[], rules: StreamRules): StreamResult {
  const random = randomFrom(rules.seed * 7_919 + 1);
  const stream = shuffled(rows, random);
  const models = rules.models.map((_, at) =>
    QualityModel.fromPrior(rules.priors?.[at] ?? NO_PRIOR),
  );
  const cost = meanCosts(rows, rules.models);
  const utility = (row: Row, at: number): number =>
    (row.quality[at] ?? 0) - rules.weights.perUsdPer1000 * (row.usdPer1000[at] ?? 0);
  const gained: number[] = [];
  const chosen: { row: Row; at: number }[] = [];
  let explored = 0;
  for (const row of stream) {
    const candidates = models.map((model, at) => ({
      id: String(at),
      quality: model.predict(row.features),
      usdPer1000: cost[at] ?? 0,
      latencyMs: 0,
      ratings: model.lessons,
    }));
    const choiceRules = { weights: rules.weights, explore: true, conversationModel: undefined };
    const choice = choose(candidates, choiceRules, random());
    const place = Number(choice.chosen);
    const at = rules.models[place] ?? 0;
    if (choice.reason === 'exploration') explored += 1;
    gained.push(utility(row, at));
    chosen.push({ row, at });
    const [isRated, verdict, isFlipped] = [random(), random(), random()];
    if (isRated >= rules.rated) continue;
    const isGood = verdict < (row.quality[at] ?? 0) === isFlipped >= rules.flipped;
    models[place]?.learn(row.features, { label: Number(isGood), weight: 1 });
  }
  const totals = rules.models.map((at) => sum(stream.map((row) => utility(row, at))));
  const best = rules.models[totals.indexOf(Math.max(...totals))] ?? 0;
  const regrets = cumulative(stream.map((row, at) => utility(row, best) - (gained[at] ?? 0)));
  const last = chosen.slice(-Math.floor(stream.length / 5));
  return {
    regret: regrets.at(-1) ?? 0,
    utility: mean(gained),
    bestFixed: Math.max(...totals) / stream.length,
    quality: mean(chosen.map(({ row, at }) => row.quality[at] ?? 0)),
    usdPer1000: mean(chosen.map(({ row, at }) => row.usdPer1000[at] ?? 0)),
    randomRegret: Math.max(...totals) - mean(totals),
    lastFifth: mean(last.map(({ row, at }) => row.quality[at] ?? 0)),
    curve: [...CURVE.filter((requests) => requests < stream.length), stream.length].map(
      (requests) => ({ requests, regret: regrets[requests - 1] ?? 0 }),
    ),
    explored: explored / stream.length,
  };
}

/** What the router would know from the price list and past answers. */
function meanCosts(rows: readonly Row[], models: readonly number[]): readonly number[] {
  return models.map((at) => mean(rows.map((row) => row.usdPer1000[at] ?? 0)));
}

function cumulative(numbers: readonly number[]): readonly number[] {
  let total = 0;
  return numbers.map((each) => (total += each));
}
