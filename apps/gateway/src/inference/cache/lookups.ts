import type { CacheServices } from './services.ts';
import { within } from './within.ts';

/** Nobody waits for a database that is away; one that was busy for a moment is asked again soon. */
const REST_AFTER_FAILURE_MS = 5_000;
const REST_AFTER_SILENCE_MS = 500;

/** Asks the database with little patience, and leaves it alone for a while when it does not answer. */
export class Lookups {
  readonly #clock: CacheServices['clock'];
  readonly #patienceMs: number;
  #restsUntilMs = 0;

  constructor({ clock, lookupPatienceMs }: Pick<CacheServices, 'clock' | 'lookupPatienceMs'>) {
    this.#clock = clock;
    this.#patienceMs = lookupPatienceMs;
  }

  /** `undefined`: it did not tell in time. */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    if (this.#clock() < this.#restsUntilMs) return undefined;
    let restMs = REST_AFTER_SILENCE_MS;
    const asked = question().catch((error: unknown) => {
      restMs = REST_AFTER_FAILURE_MS;
      throw error;
    });
    const answer = await within(asked, this.#patienceMs);
    if (answer === undefined) this.#restsUntilMs = this.#clock() + restMs;
    return answer;
  }
}
