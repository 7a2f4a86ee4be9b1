import { normal, wilson, type Estimate } from './estimate.ts';

/** A vote on an answer that the router drew, seen by another policy. */
export interface JudgedVote {
  /** How much likelier the policy was to make this choice than the router: the ratio of their probabilities. */
  readonly weight: number;
  /** 1: good. */
  readonly reward: 0 | 1;
  /** What the router expected of its choice, before the vote. */
  readonly predicted: number;
  /** What it expected of the policy’s. */
  readonly expected: number;
}

/** Sums over votes, from which the value of a policy follows: one pass over a log of any length. */
export class ValueSums {
  votes = 0;
  #weight = 0;
  #square = 0;
  #good = 0;
  #goodSquare = 0;
  #robust = 0;
  #robustSquare = 0;

  note({ weight, reward, predicted, expected }: JudgedVote): void {
    const robust = expected + weight * (reward - predicted);
    this.votes += 1;
    this.#weight += weight;
    this.#square += weight ** 2;
    this.#good += weight * reward;
    this.#goodSquare += weight ** 2 * reward;
    this.#robust += robust;
    this.#robustSquare += robust ** 2;
  }

  copy(): ValueSums {
    const copy = new ValueSums();
    copy.votes = this.votes;
    copy.#weight = this.#weight;
    copy.#square = this.#square;
    copy.#good = this.#good;
    copy.#goodSquare = this.#goodSquare;
    copy.#robust = this.#robust;
    copy.#robustSquare = this.#robustSquare;
    return copy;
  }

  /** How many votes of equal weight would tell as much (Kish, "Survey Sampling", 1965). */
  get effectiveVotes(): number {
    return this.#square === 0 ? 0 : this.#weight ** 2 / this.#square;
  }

  /**
   * From votes alone: the self-normalised estimator of Swaminathan and Joachims, "The Self-Normalized Estimator for
   * Counterfactual Learning" (NeurIPS 2015), a ratio of two sums. Its variance is that of the delta method; the interval is
   * Wilson’s for as many equal votes as have that variance, as Korn and Graubard do for surveys (Survey Methodology 24, 1998).
   * With equal weights it is the interval of a win rate. Needs votes of some weight.
   */
  selfNormalised(): Estimate {
    const value = Math.min(1, this.#good / this.#weight);
    const squares = (1 - 2 * value) * this.#goodSquare + value ** 2 * this.#square;
    const equalVotes = (value * (1 - value) * this.#weight ** 2) / squares;
    return wilson(value, equalVotes > 0 ? Math.min(this.votes, equalVotes) : this.effectiveVotes);
  }

  /**
   * Expectations, corrected by votes: Dudík, Langford and Li, "Doubly Robust Policy Evaluation and Learning" (ICML 2011). Right
   * when either the probabilities or the expectations are; the probabilities are the router’s own. The interval is that of a
   * mean. Two votes that nobody gave, a good one and a bad one, keep its width from vanishing when all votes are alike.
   */
  doublyRobust(): Estimate {
    const value = this.#robust / this.votes;
    const squares =
      Math.max(0, this.#robustSquare - this.votes * value ** 2) + (1 - value) ** 2 + value ** 2;
    return normal(value, Math.sqrt(squares / (this.votes + 1) / this.votes));
  }
}
