import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { moment, nano } from './columns.ts';

/**
 * What each request used and cost; never content. No foreign keys: a record from the journal must find its place even if
 * its key is gone by then.
 */
export const generations = pgTable(
  'generations',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id').notNull(),
    keyId: text('key_id').notNull(),
    /** The member for whom the key acts. */
    userId: text('user_id'),
    /** In whose budgets it counts, such as `2026-11`. */
    month: text(),
    route: text({ enum: ['chat', 'sealed-chat', 'embeddings'] }).notNull(),
    securityTier: text('security_tier', { enum: ['standard', 'high', 'maximum'] }),
    modelAsked: text('model_asked').notNull(),
    modelUsed: text('model_used'),
    modelsTried: text('models_tried').array().notNull(),
    billingTier: text('billing_tier', {
      enum: ['fast', 'balanced', 'passthrough', 'byok'],
    }).notNull(),
    outcome: text({ enum: ['success', 'refused', 'failed', 'aborted', 'timeout'] }).notNull(),
    status: integer().notNull(),
    isStream: boolean('is_stream').notNull(),
    inputTokens: integer('input_tokens').notNull(),
    cachedInputTokens: integer('cached_input_tokens').notNull(),
    outputTokens: integer('output_tokens').notNull(),
    reasoningTokens: integer('reasoning_tokens').notNull(),
    usageSource: text('usage_source', {
      enum: ['upstream', 'estimated', 'bound', 'none'],
    }).notNull(),
    costNano: nano('cost_nano').notNull(),
    /** What a cap or an empty wallet kept from being charged: the operator's loss. */
    writtenOffNano: nano('written_off_nano')
      .notNull()
      .default(sql`0`),
    /** Of the price that was charged. */
    priceVersion: text('price_version'),
    cache: text({ enum: ['miss', 'exact', 'semantic'] })
      .notNull()
      .default('miss'),
    startedAt: moment('started_at').notNull(),
    firstByteMs: integer('first_byte_ms'),
    latencyMs: integer('latency_ms').notNull(),
  },
  (table) => [
    index('generations_of_organization').on(table.organizationId, table.startedAt),
    index('generations_of_key').on(table.keyId, table.startedAt),
    check('generations_cost_no_less_than_nothing', sql`${table.costNano} >= 0`),
  ],
);
