/** Spans that are counted one after the other. */
const SPAN_MS = 1_000;

/** How much is spent in a time, judged by the second that ended last and the one that runs. */
export class SpendingPace {
  readonly #monotonicMs: () => number;
  #beganAtMs = 0;
  #spentNano = 0n;
  #lastNano = 0n;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  spend(nano: bigint): void {
    this.#turn();
    this.#spentNano += nano;
  }

  /** What a time of so many whole seconds is likely to cost. */
  spentIn(durationMs: number): bigint {
    this.#turn();
    const busiest = this.#spentNano > this.#lastNano ? this.#spentNano : this.#lastNano;
    return (busiest * BigInt(durationMs)) / BigInt(SPAN_MS);
  }

  #turn(): void {
    const nowMs = this.#monotonicMs();
    const passedMs = nowMs - this.#beganAtMs;
    if (passedMs < SPAN_MS) return;
    this.#lastNano = passedMs < 2 * SPAN_MS ? this.#spentNano : 0n;
    this.#spentNano = 0n;
    this.#beganAtMs = nowMs;
  }
}
