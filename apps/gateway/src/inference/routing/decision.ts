import { nanoUsd, printUsd } from '@sealgate/contract';
import type { RoutingDecision } from '../../customers/decisions/index.ts';
import type { TierName } from '../upstreams/index.ts';
import type { Preference } from './intent.ts';
import {
  featuresToBytes,
  type Choice,
  type Features,
  type UtilityWeights,
} from './learning/index.ts';

/** Changes with every change of how models are chosen, so that a log knows which of its decisions belong together. */
const POLICY = 'inverse-gap-1';

/** What the router has decided about one request. */
export interface Decision {
  readonly tier: TierName;
  readonly preference: Preference | undefined;
  readonly weights: UtilityWeights;
  readonly explores: boolean;
  readonly choice: Choice;
  readonly features: Features;
  readonly conversation: string | undefined;
}

/** For the log. */
export function recordOf(
  { tier, preference, weights, explores, choice, features, conversation }: Decision,
  keepsFeatures: boolean,
): RoutingDecision {
  return {
    tier,
    preference,
    policy: POLICY,
    rules: { ...weights, explores },
    options: choice.options.map(({ id, quality, usdPer1000, latencyMs, ratings, ...drawn }) => ({
      model: id,
      quality: rounded(quality),
      usdPer1000: rounded(usdPer1000),
      latencyMs: rounded(latencyMs),
      ratings,
      utility: rounded(drawn.utility),
      probability: rounded(drawn.probability),
    })),
    chosen: choice.chosen,
    reason: choice.reason,
    features: keepsFeatures ? Buffer.from(featuresToBytes(features)).toString('base64') : undefined,
    conversation,
  };
}

/** For the caller: `nexevo.route`. */
export function explain({ tier, choice }: Decision, modelUsed: string): object {
  return {
    asked: tier,
    reason: modelUsed === choice.chosen ? choice.reason : 'fallback',
    chosen: choice.chosen,
    options: choice.options.map(({ id, quality, usdPer1000, latencyMs, probability }) => ({
      model: id,
      quality: Math.round(quality * 1_000) / 1_000,
      expected_cost_usd: printUsd(nanoUsd(BigInt(Math.round(usdPer1000 * NANO_PER_1000TH)))),
      expected_latency_ms: Math.round(latencyMs),
      probability: Math.round(probability * 1_000) / 1_000,
    })),
  };
}

/** Nano-dollars of one request in a dollar per thousand of them. */
const NANO_PER_1000TH = 1_000_000;

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
