import { probabilitiesOf, type Candidate, type ChoiceRules } from './choose.ts';
import {
  policyValue,
  type LoggedDecision,
  type LoggedOption,
  type Policy,
  type PolicyValue,
} from './off-policy.ts';

/** A decision with what was expected of each option, so that other weights can be tried on it. */
export interface ReplayableDecision extends LoggedDecision {
  readonly options: readonly (LoggedOption & Candidate)[];
}

export interface Replay {
  readonly value: PolicyValue;
  /** The share of traffic that each model would have got. */
  readonly traffic: ReadonlyMap<string, number>;
  readonly usdPer1000: number;
  readonly latencyMs: number;
  /** How often the policy would have made the logged choice. */
  readonly agreement: number;
}

/** What the router would choose under other rules. */
export function rulesPolicy(rules: ChoiceRules): Policy<ReplayableDecision> {
  return ({ options }) => probabilitiesOf(options, rules).map(({ probability }) => probability);
}

/** Runs another policy over a log. */
export function replay(
  log: readonly ReplayableDecision[],
  policy: Policy<ReplayableDecision>,
): Replay {
  const traffic = new Map<string, number>();
  let usdPer1000 = 0;
  let latencyMs = 0;
  let agreement = 0;
  for (const decision of log) {
    const probabilities = policy(decision);
    for (const [at, option] of decision.options.entries()) {
      const share = (probabilities[at] ?? 0) / log.length;
      traffic.set(option.id, (traffic.get(option.id) ?? 0) + share);
      usdPer1000 += share * option.usdPer1000;
      latencyMs += share * option.latencyMs;
      if (option.id === decision.chosen) agreement += share;
    }
  }
  return { value: policyValue(log, policy), traffic, usdPer1000, latencyMs, agreement };
}
