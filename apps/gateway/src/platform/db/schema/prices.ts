import { sql } from 'drizzle-orm';
import { jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { createdAt, moment } from './columns.ts';

/**
 * What the installation charges, from a moment on. A list is never changed, which a trigger enforces: it can only be
 * canceled, before it takes effect.
 */
export const priceLists = pgTable(
  'price_lists',
  {
    id: text().primaryKey(),
    effectiveFrom: moment('effective_from').notNull(),
    /** As in `sealgate.yaml`, complete: exact decimals. */
    content: jsonb().notNull(),
    /** Why, in the operator's words. */
    reason: text().notNull(),
    createdAt: createdAt(),
    canceledAt: moment('canceled_at'),
    cancelReason: text('cancel_reason'),
  },
  (table) => [
    uniqueIndex('price_lists_one_for_each_moment')
      .on(table.effectiveFrom)
      .where(sql`${table.canceledAt} is null`),
  ],
);

/** Every tariff that was ever charged, by the version that is stamped on the charge. Its content decides the version. */
export const priceVersions = pgTable('price_versions', {
  version: text().primaryKey(),
  /** Exact decimals. */
  terms: jsonb().notNull(),
  firstUsedAt: moment('first_used_at').notNull(),
});
