import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { Client, Pool } from 'pg';
import type { Store } from './scope.ts';

/** Typed statements of one transaction. */
export type Transaction = Omit<NodePgDatabase, 'transaction'>;

export interface Database {
  readonly kind: 'embedded' | 'external';
  readonly store: Store;
  /** For what needs no table of a customer: health checks and jobs. */
  readonly pool: Pool;
  /** A session of its own beside the pool, for LISTEN and for locks. Not yet connected. */
  createClient(): Client;
  /** Ends all sessions and, if nobody else uses it, the embedded server. */
  close(): Promise<void>;
}
