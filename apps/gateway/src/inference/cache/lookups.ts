import type { CacheServices } from './services.ts';

/** A model answers within seconds: a database that takes longer is of no help. */
const PATIENCE_MS = 250;
const REST_MS = 5_000;

/** Asks the database with little patience, and leaves it alone for a while when it does not answer. */
export class Lookups {
  readonly #clock: CacheServices['clock'];
  #restsUntilMs = 0;

  constructor({ clock }: Pick<CacheServices, 'clock'>) {
    this.#clock = clock;
  }

  /** `undefined`: it did not tell in time. */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    if (this.#clock() < this.#restsUntilMs) return undefined;
    const answer = await within(question(), PATIENCE_MS);
    if (answer === undefined) this.#restsUntilMs = this.#clock() + REST_MS;
    return answer;
  }
}

function within<Answer>(asked: Promise<Answer>, patienceMs: number): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), patienceMs);
    const settle = (answer: Answer | undefined): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    asked.then(settle, () => settle(undefined));
  });
}
