/**
 * Tells work, at most once, that nobody waits for it any more. An `AbortSignal` does the same at 13 µs a request
 * (measured with one listener on Node 20), a fifth of what a whole request may cost.
 */
export class Cancellation {
  #isCancelled = false;
  #listeners: (() => void)[] = [];

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  /** Not called when it is cancelled already: look first. */
  add(listener: () => void): void {
    this.#listeners.push(listener);
  }

  remove(listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }
}
