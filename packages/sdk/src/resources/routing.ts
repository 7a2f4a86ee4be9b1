import type { RequestOptions } from '../transport.ts';
import type { Answering } from './answering.ts';
import type { Calls } from './calls.ts';

/** A tier that chooses among models. */
export type RoutingTier = 'fast' | 'balanced' | 'auto';

/** What {@link Routing.insight} looks at. */
export interface InsightParams {
  /** Today and the days before: 1 to 366. Default 7. */
  readonly days?: number | undefined;
  /** Only this one. */
  readonly tier?: RoutingTier | undefined;
}

/** From 0 to 1, with the interval that holds the truth in 95 of 100 such cases. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** What people said about some answers, and what those cost. */
export interface TrackRecord {
  /** Those that were answered. */
  decisions: number;
  votes: number;
  good: number;
  /** Good votes of all votes. Null without votes. */
  win_rate: Estimate | null;
  /** How often the very same was asked again. */
  regenerated: number;
  /** What was charged, decimal text. */
  cost_usd: string;
  /** What answers with a vote cost, per good one. Null: none is good. */
  cost_per_solved_usd: string | null;
}

/** How a model has done in a tier. */
export interface ModelInsight extends TrackRecord {
  model: string;
  /** Of the tier's answers, from 0 to 1. */
  traffic_share: number;
  /** What was expected of those answers before the votes. Null: of none. */
  expected_win_rate: number | null;
}

/** What trying out other models than the best costs. */
export interface ExplorationInsight {
  /** In which anything but the best model could be drawn. */
  decisions: number;
  /** In which it was. */
  explored: number;
  /** Expected, in good answers; money and time are counted as the tier weighs them. */
  utility_lost: number;
  /** Expected, at the models' own prices, decimal text. Below zero: cheaper models were tried. */
  extra_cost_usd: string;
}

/** What another way of choosing would have been worth. Shares are from 0 to 1. */
export interface PolicyInsight {
  /** `current`: the router as it was; `always:<model>`: that model for everything. */
  policy: string;
  /** Those that were drawn: only they can be judged. */
  decisions: number;
  /** In which share of them the model could serve. */
  applied: number;
  /** In which share of them the router could have drawn the same. */
  overlap: number;
  /** In which share of them it would have chosen the same. */
  agreement: number;
  votes: number;
  /** How many votes of equal weight would tell as much. */
  effective_votes: number;
  /** The share of good answers, from votes alone. Null: see `unknown_reason`. */
  self_normalised: Estimate | null;
  /** The same from what was expected, corrected by votes. */
  doubly_robust: Estimate | null;
  /** Why there is no value. `no-overlap`: it chooses what was hardly ever tried. */
  unknown_reason: 'too-few-votes' | 'too-few-effective-votes' | 'no-overlap' | null;
  /** Expected of a thousand requests, at the models' own prices: a tier may charge others. Decimal text. */
  cost_per_1000_usd: string;
  /** Expected. */
  latency_ms: number;
  /** Expected cost by the doubly robust value, decimal text. */
  cost_per_solved_usd: string | null;
}

/** How a tier has done. */
export interface TierInsight extends TrackRecord {
  tier: RoutingTier;
  /** Nobody answered; counted nowhere else. */
  failed: number;
  /** Another model than the chosen one answered. */
  fallbacks: number;
  /** By who answered, the one with the most traffic first. */
  models: ModelInsight[];
  exploration: ExplorationInsight;
  /** `current` first. */
  policies: PolicyInsight[];
}

/** How the tiers have done on some days. */
export interface RoutingInsight {
  /** The first day, in `time_zone`. */
  from: string;
  /** The last day: today. */
  to: string;
  /** IANA name; where the days of the organization begin. */
  time_zone: string;
  /** How many were looked at: 50,000 at most, the newest. */
  decisions: number;
  /** The period has older ones, which were not looked at. */
  truncated: boolean;
  /** RFC 3339: when the oldest of them was made. Null: there are none. */
  since: string | null;
  tiers: TierInsight[];
}

/** `client.routing`. */
export class Routing {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * Tells what the tiers' choices are worth: who answered, how people voted, what exploring costs, and what other ways of
   * choosing would have been worth.
   *
   * @example
   * const { tiers } = await client.routing.insight({ days: 30, tier: 'auto' });
   * for (const { policy, doubly_robust } of tiers[0]?.policies ?? []) console.log(policy, doubly_robust);
   */
  insight(question: InsightParams = {}, options?: RequestOptions): Answering<RoutingInsight> {
    return this.#calls.get('/routing/insight', options, question);
  }
}
