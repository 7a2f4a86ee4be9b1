import { sql } from 'drizzle-orm';
import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { organizations } from './organizations.ts';

/** Answers to be given again. What was asked is there as keyed digests only; what was answered is sealed by the vault. */
export const cachedAnswers = pgTable(
  'cached_answers',
  {
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** Of the request and of whom it may be given to. */
    requestDigest: bytea('request_digest').notNull(),
    /** Which model answered: one request may have an answer of each. */
    model: text().notNull(),
    /** Of the host as it was then: where it stands, and what it promised. */
    hostDigest: bytea('host_digest').notNull(),
    /** Which key has kept it. */
    keyId: text('key_id').notNull(),
    answer: bytea().notNull(),
    /** Of the row's content, for the bounds. */
    byteCount: integer('byte_count').notNull(),
    /** Of everything but the wording of the last message. Null: given to the very same request only. */
    likenessDigest: bytea('likeness_digest'),
    /** Sealed: what a text was about can be read from its vector. */
    vector: bytea(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.requestDigest, table.model] }),
    index('cached_answers_alike')
      .on(table.organizationId, table.likenessDigest, table.createdAt)
      .where(sql`${table.likenessDigest} is not null`),
    index('cached_answers_by_age').on(table.organizationId, table.createdAt),
    index('cached_answers_of_key').on(table.keyId),
    index('cached_answers_to_purge').on(table.expiresAt),
  ],
);
