import { doublePrecision, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { CACHE_MODES, CACHE_SCOPES } from '@sealgate/contract';
import { alertChannel, bytea, createdAt, moment, nano } from './columns.ts';
import { organizations } from './organizations.ts';

export const apiKeys = pgTable(
  'api_keys',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** The member for whom it acts. Null: an operator made it at the command line. No foreign key: members are erased. */
    createdBy: text('created_by'),
    name: text().notNull(),
    /** The secret's first characters, to recognise it by. */
    prefix: text().notNull(),
    secretHash: bytea('secret_hash').notNull().unique(),
    /** Null: the configured limit. */
    rateLimitRpm: integer('rate_limit_rpm'),
    /** Null: every model. */
    allowedModels: text('allowed_models').array(),
    /** Null: no cap. */
    monthlySpendCapNano: nano('monthly_spend_cap_nano'),
    ...alertChannel(),
    geoPolicy: text('geo_policy', { enum: ['any', 'cn-only', 'overseas-only'] })
      .notNull()
      .default('any'),
    /** Addresses and ranges. Null: from everywhere. */
    ipAllowList: text('ip_allow_list').array(),
    /** Whether its answers are kept and given again, whose it may be given, how old, and how alike. */
    cacheMode: text('cache_mode', { enum: CACHE_MODES }).notNull().default('off'),
    cacheScope: text('cache_scope', { enum: CACHE_SCOPES }).notNull().default('key'),
    cacheTtlSeconds: integer('cache_ttl_seconds').notNull().default(86_400),
    cacheMinSimilarity: doublePrecision('cache_min_similarity').notNull().default(0.8),
    /** Before the last rotation; good until `previousSecretEndsAt`. Never of a second key. */
    previousSecretHash: bytea('previous_secret_hash').unique(),
    previousSecretEndsAt: moment('previous_secret_ends_at'),
    createdAt: createdAt(),
    expiresAt: moment('expires_at'),
    /** From then on it is refused. */
    revokedAt: moment('revoked_at'),
    lastUsedAt: moment('last_used_at'),
  },
  (table) => [index('api_keys_of_organization').on(table.organizationId, table.id)],
);
