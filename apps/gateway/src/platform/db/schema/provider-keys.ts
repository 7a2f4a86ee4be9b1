import { sql } from 'drizzle-orm';
import { boolean, integer, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment } from './columns.ts';
import { organizations } from './organizations.ts';

/** Keys of model providers that organizations bring themselves. */
export const providerKeys = pgTable(
  'provider_keys',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** Id of the upstream. */
    provider: text().notNull(),
    /** The one place where it is sent, such as `https://api.openai.com`, whatever becomes of the upstream. */
    origin: text().notNull(),
    label: text().notNull(),
    /** Sealed by the vault, for this row and this origin. */
    secret: bytea().notNull(),
    lastFour: text('last_four').notNull(),
    /** Counts the secrets: what is heard of an old one does not concern the new one. */
    revision: integer().notNull().default(1),
    /** May requests go with the operator's key when this one does not serve? */
    isFallbackAllowed: boolean('is_fallback_allowed').notNull().default(false),
    /** Names that the provider listed when it was asked last. */
    models: text()
      .array()
      .notNull()
      .default(sql`'{}'::text[]`),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    rotatedAt: moment('rotated_at'),
    lastUsedAt: moment('last_used_at'),
    /** Since when the provider does not take it, and what it answers. Null: it does, as far as is known. */
    rejectedAt: moment('rejected_at'),
    rejectedStatus: integer('rejected_status'),
  },
  (table) => [unique('provider_keys_one_each').on(table.organizationId, table.provider)],
);
