import { sql } from 'drizzle-orm';
import { inSystem, type Store } from '../../platform/db/index.ts';

/** When each key was last used, written in batches: a row lock per request would be the slowest part of it. */
export class LastUse {
  #usedAtMs = new Map<string, number>();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  note(keyId: string, nowMs: number): void {
    this.#usedAtMs.set(keyId, nowMs);
  }

  /** What cannot be written is kept for the next time, unless the key was used again since. */
  async write(): Promise<void> {
    const batch = this.#usedAtMs;
    if (batch.size === 0) return;
    this.#usedAtMs = new Map();
    const moments = [...batch.values()].map((usedAtMs) => new Date(usedAtMs).toISOString());
    try {
      await inSystem({ store: this.#store }, (transaction) =>
        transaction.execute(sql`
        update api_keys set last_used_at = greatest(api_keys.last_used_at, used.at)
        from unnest(${sql.param([...batch.keys()])}::text[], ${sql.param(moments)}::timestamptz[]) as used (id, at)
        where api_keys.id = used.id`),
      );
    } catch {
      this.#usedAtMs = new Map([...batch, ...this.#usedAtMs]);
    }
  }
}
