import { customType, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { createdAt, moment } from './columns.ts';
import { organizations } from './organizations.ts';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const apiKeys = pgTable(
  'api_keys',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    name: text().notNull(),
    /** The secret's first characters, to recognise it by. */
    prefix: text().notNull(),
    secretHash: bytea('secret_hash').notNull().unique(),
    /** Null: as many as the operator grants to every key. */
    rateLimitRpm: integer('rate_limit_rpm'),
    /** Null: every model. */
    allowedModels: text('allowed_models').array(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at'),
    revokedAt: moment('revoked_at'),
    lastUsedAt: moment('last_used_at'),
  },
  (table) => [index('api_keys_of_organization').on(table.organizationId, table.id)],
);
