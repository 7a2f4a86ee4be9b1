import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { Client, Pool } from 'pg';

/** Typed statements over the pool, or over one transaction of it. */
export type Db = NodePgDatabase;
export type Transaction = Parameters<Parameters<Db['transaction']>[0]>[0];

export interface Database {
  readonly kind: 'embedded' | 'external';
  readonly pool: Pool;
  readonly db: Db;
  /** A session of its own beside the pool, for LISTEN and for locks. Not yet connected. */
  createClient(): Client;
  /** Ends all sessions and, if nobody else uses it, the embedded server. */
  close(): Promise<void>;
}
