import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Vault } from '../../platform/vault.ts';
import type { Embedder } from './likeness/embedder.ts';
import type { CacheSettings } from './settings.ts';

export interface CacheServices {
  readonly database: Pick<Database, 'store' | 'createClient'>;
  readonly vault: Vault;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly settings: CacheSettings;
  /** `undefined`: answers to the very same request only. */
  readonly embedder: Embedder | undefined;
  readonly metrics: CacheMetrics;
  /** How long a request waits for the database. A model answers within seconds: one that takes longer is of no help. */
  readonly lookupPatienceMs: number;
}

export interface CacheMetrics {
  /** `withheld`: it would have been a hit, and a model answers to compare. `unavailable`: the database did not tell in time. */
  lookup(kind: 'exact' | 'semantic', result: 'hit' | 'miss' | 'withheld' | 'unavailable'): void;
  write(result: 'kept' | 'dropped' | 'failed', count: number): void;
  /** How alike the answer that was withheld and the one that was given are; of -1 to 1. */
  check(kind: 'exact' | 'semantic', similarity: number): void;
}
