/**
 * Counts how requests ended lately, in two halves of a window: what is younger than half of it is always counted, what is
 * older than all of it never.
 */
export class OutcomeWindow {
  readonly #halfMs: number;
  #halfStartedAtMs = 0;
  #count = 0;
  #failureCount = 0;
  #earlierCount = 0;
  #earlierFailureCount = 0;

  constructor(windowMs: number) {
    this.#halfMs = windowMs / 2;
  }

  add(isFailure: boolean, nowMs: number): void {
    this.#turn(nowMs);
    this.#count += 1;
    if (isFailure) this.#failureCount += 1;
  }

  countAt(nowMs: number): number {
    this.#turn(nowMs);
    return this.#count + this.#earlierCount;
  }

  failureCountAt(nowMs: number): number {
    this.#turn(nowMs);
    return this.#failureCount + this.#earlierFailureCount;
  }

  /** 0 when nothing has ended lately. */
  failureRatioAt(nowMs: number): number {
    const count = this.countAt(nowMs);
    return count === 0 ? 0 : this.failureCountAt(nowMs) / count;
  }

  clear(): void {
    this.#count = 0;
    this.#failureCount = 0;
    this.#earlierCount = 0;
    this.#earlierFailureCount = 0;
  }

  #turn(nowMs: number): void {
    const halves = Math.floor((nowMs - this.#halfStartedAtMs) / this.#halfMs);
    if (halves < 1) return;
    this.#earlierCount = halves === 1 ? this.#count : 0;
    this.#earlierFailureCount = halves === 1 ? this.#failureCount : 0;
    this.#count = 0;
    this.#failureCount = 0;
    this.#halfStartedAtMs += halves * this.#halfMs;
  }
}
