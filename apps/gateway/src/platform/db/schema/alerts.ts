import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { createdAt, moment, nano } from './columns.ts';

/**
 * What was decided to be told: that a limit was reached to a per cent, once a month, or that a wallet has sunk below what its
 * organization named. No foreign keys: whoever raises an alert waits for no one who changes a key.
 */
export const alerts = pgTable(
  'alerts',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id').notNull(),
    scope: text({ enum: ['organization', 'member', 'key', 'wallet'] }).notNull(),
    /** Id of the organization, user or key. */
    subject: text().notNull(),
    /** Such as `2026-11`. Null: of a wallet. */
    month: text(),
    /** Per cent of the limit. Null: of a wallet. */
    threshold: integer(),
    /** What was spent; of a wallet, its balance. */
    amountNano: nano('amount_nano').notNull(),
    /** The limit; of a wallet, the balance below which it is told. */
    limitNano: nano('limit_nano').notNull(),
    raisedAt: moment('raised_at').notNull(),
    /** When the balance was enough again: the next time that it sinks is told anew. */
    rearmedAt: moment('rearmed_at'),
  },
  (table) => [
    uniqueIndex('alerts_once_a_month')
      .on(table.organizationId, table.month, table.scope, table.subject, table.threshold)
      .where(sql`${table.scope} <> 'wallet'`),
    uniqueIndex('alerts_one_low_balance')
      .on(table.organizationId)
      .where(sql`${table.scope} = 'wallet' and ${table.rearmedAt} is null`),
    index('alerts_to_purge').on(table.raisedAt),
    check(
      'alerts_of_a_wallet_or_of_a_month',
      sql`(${table.scope} = 'wallet') = (${table.month} is null) and (${table.scope} = 'wallet') = (${table.threshold} is null)`,
    ),
  ],
);

/** Events on their way to a webhook. Each try sends the same id and the same body. */
export const alertMessages = pgTable(
  'alert_messages',
  {
    /** The receiver tells repeats by it. */
    id: text().primaryKey(),
    organizationId: text('organization_id').notNull(),
    /** Whose webhook. Null: the organization's. */
    keyId: text('key_id'),
    type: text().notNull(),
    body: text().notNull(),
    /** `withdrawn`: its webhook is gone. */
    state: text({ enum: ['pending', 'delivered', 'failed', 'withdrawn'] })
      .notNull()
      .default('pending'),
    attempts: integer().notNull().default(0),
    createdAt: createdAt(),
    /** Moved before each try to the one after it: who dies while trying leaves a message that is tried again. */
    nextAttemptAt: moment('next_attempt_at').notNull(),
  },
  (table) => [
    index('alert_messages_to_send')
      .on(table.nextAttemptAt)
      .where(sql`${table.state} = 'pending'`),
    index('alert_messages_to_purge').on(table.createdAt),
  ],
);

/** Every try to reach a webhook, also those of test events. */
export const alertDeliveries = pgTable(
  'alert_deliveries',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id').notNull(),
    /** Whose webhook. Null: the organization's. */
    keyId: text('key_id'),
    messageId: text('message_id').notNull(),
    type: text().notNull(),
    /** 1, 2, 3 … */
    attempt: integer().notNull(),
    outcome: text({ enum: ['delivered', 'not-accepted', 'unreachable', 'timeout'] }).notNull(),
    /** What the receiver answered, and how long it took. Null: nothing. */
    status: integer(),
    durationMs: integer('duration_ms'),
    attemptedAt: moment('attempted_at').notNull(),
    /** Null: it is not tried again. */
    nextAttemptAt: moment('next_attempt_at'),
  },
  (table) => [
    index('alert_deliveries_of_webhook').on(table.organizationId, table.keyId, table.id),
    index('alert_deliveries_to_purge').on(table.attemptedAt),
  ],
);
