import type { Draw } from './draw.ts';
import type { Estimate } from './estimate.ts';
import { sharesOfLog, type Policy } from './policy.ts';
import { ValueSums } from './value-sums.ts';

/** Below these nothing is claimed: intervals hold the truth less often than they say. */
const LEAST_VOTES = 50;
const LEAST_EFFECTIVE_VOTES = 30;
/** Least share of decisions in which whatever the policy chooses could have been drawn. */
const LEAST_OVERLAP = 0.9;

/** The share of answers that people would have called good. */
export type PolicyValue =
  | {
      readonly kind: 'known';
      readonly selfNormalised: Estimate;
      readonly doublyRobust: Estimate;
    }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason };

/** `no-overlap`: it chooses what the router hardly ever tried. */
export type UnknownReason = 'too-few-votes' | 'too-few-effective-votes' | 'no-overlap';

/** What another policy would have done with the logged decisions. */
export interface Replayed {
  readonly policy: string;
  /** Decisions that were drawn. */
  readonly decisions: number;
  /** In which share of them the policy had a say. */
  readonly applied: number;
  /** In which share of them whatever it chooses could have been drawn; the others have no part in the value. */
  readonly overlap: number;
  /** How often it would have made the logged choice. */
  readonly agreement: number;
  readonly votes: number;
  readonly effectiveVotes: number;
  readonly value: PolicyValue;
  /** Expected, over all decisions. */
  readonly usdPer1000: number;
  readonly latencyMs: number;
  /** Expected cost per answer that would be called good; `undefined` where the value is unknown, or nothing is good. */
  readonly usdPerSolved: number | undefined;
}

/** Runs a policy over a log, decision by decision. */
export class Replay {
  readonly #policy: Policy;
  #votes = new ValueSums();
  #decisions = 0;
  #applied = 0;
  #overlapping = 0;
  #agreeing = 0;
  #usdPer1000 = 0;
  #latencyMs = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Another policy that would have done the same so far. */
  copyFor(policy: Policy): Replay {
    const copy = new Replay(policy);
    copy.#votes = this.#votes.copy();
    copy.#decisions = this.#decisions;
    copy.#overlapping = this.#overlapping;
    copy.#agreeing = this.#agreeing;
    copy.#usdPer1000 = this.#usdPer1000;
    copy.#latencyMs = this.#latencyMs;
    return copy;
  }

  note(draw: Draw): void {
    const own = this.#policy.shares(draw);
    const shares = own ?? sharesOfLog(draw);
    const { options, chosen, reward } = draw;
    let expected = 0;
    let chosenShare = 0;
    let isOverlapping = true;
    for (const [at, option] of options.entries()) {
      const share = shares[at] ?? 0;
      if (share === 0) continue;
      expected += share * option.quality;
      this.#usdPer1000 += share * option.usdPer1000;
      this.#latencyMs += share * option.latencyMs;
      if (option === chosen) chosenShare = share;
      if (option.probability <= 0) isOverlapping = false;
    }
    this.#decisions += 1;
    this.#agreeing += chosenShare;
    if (own !== undefined) this.#applied += 1;
    if (!isOverlapping) return;
    this.#overlapping += 1;
    if (reward === undefined) return;
    const weight = chosenShare / chosen.probability;
    this.#votes.note({ weight, reward, predicted: chosen.quality, expected });
  }

  report(): Replayed {
    const shareOf = (count: number): number =>
      this.#decisions === 0 ? 0 : count / this.#decisions;
    const value = this.#value(shareOf(this.#overlapping));
    const usdPer1000 = shareOf(this.#usdPer1000);
    const solved = value.kind === 'known' ? value.doublyRobust.value : 0;
    return {
      policy: this.#policy.name,
      decisions: this.#decisions,
      applied: shareOf(this.#applied),
      overlap: shareOf(this.#overlapping),
      agreement: shareOf(this.#agreeing),
      votes: this.#votes.votes,
      effectiveVotes: this.#votes.effectiveVotes,
      value,
      usdPer1000,
      latencyMs: shareOf(this.#latencyMs),
      usdPerSolved: solved > 0 ? usdPer1000 / 1_000 / solved : undefined,
    };
  }

  #value(overlap: number): PolicyValue {
    if (this.#decisions > 0 && overlap < LEAST_OVERLAP) return unknown('no-overlap');
    if (this.#votes.votes < LEAST_VOTES) return unknown('too-few-votes');
    if (this.#votes.effectiveVotes < LEAST_EFFECTIVE_VOTES)
      return unknown('too-few-effective-votes');
    return {
      kind: 'known',
      selfNormalised: this.#votes.selfNormalised(),
      doublyRobust: this.#votes.doublyRobust(),
    };
  }
}

const unknown = (reason: UnknownReason): PolicyValue => ({ kind: 'unknown', reason });
