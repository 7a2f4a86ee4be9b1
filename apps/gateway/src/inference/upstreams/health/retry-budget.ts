/** Enough for a hiccup of a quiet upstream. */
const MOST_TOKENS = 10;
const TOKENS_PER_SECOND = 0.2;

/**
 * How many further requests an upstream gets beside the first ones: a share of those, and a trickle. So an outage is not
 * multiplied by everybody's second try. Time is an argument.
 */
export class RetryBudget {
  readonly #tokensPerRequest: number;
  #tokens = MOST_TOKENS;
  #filledAtMs: number | undefined;

  constructor(budgetPercent: number) {
    this.#tokensPerRequest = budgetPercent / 100;
  }

  /** For every request's first call of the upstream. */
  deposit(): void {
    this.#tokens = Math.min(MOST_TOKENS, this.#tokens + this.#tokensPerRequest);
  }

  /** For every further one; `false`: it must not be made. */
  withdraw(nowMs: number): boolean {
    const seconds = Math.max(0, nowMs - (this.#filledAtMs ?? nowMs)) / 1_000;
    this.#filledAtMs = nowMs;
    this.#tokens = Math.min(MOST_TOKENS, this.#tokens + seconds * TOKENS_PER_SECOND);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
