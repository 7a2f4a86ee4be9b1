import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment } from './columns.ts';

/** What a creating request was answered, for whoever sends it again. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** The organization, or the account, whose key it is. */
    scope: text().notNull(),
    /** SHA-256 of the operation and the Idempotency-Key. */
    keyHash: bytea('key_hash').notNull(),
    requestHash: bytea('request_hash').notNull(),
    /** Null: the first request is still running, or its process died. */
    status: integer(),
    /** Sealed by the vault: it may hold a new key. */
    answer: bytea(),
    createdAt: createdAt(),
    /** An unanswered request is believed to run until then, an answer is kept until then. */
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.scope, table.keyHash] }),
    index('idempotency_keys_to_purge').on(table.expiresAt),
  ],
);
