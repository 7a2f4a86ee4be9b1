import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, nano } from './columns.ts';
import { organizations } from './organizations.ts';

/** Whose customer an organization is at Stripe, and what may be charged while nobody is there to agree. */
export const paymentProfiles = pgTable('payment_profiles', {
  organizationId: text('organization_id')
    .primaryKey()
    .references(() => organizations.id),
  customerId: text('customer_id').notNull().unique(),
  /** Null: none was saved. */
  paymentMethodId: text('payment_method_id'),
  /** For people, such as `visa 4242`. */
  paymentMethodName: text('payment_method_name'),
  /** The top-up that saved it; only a later one replaces it. */
  savedBy: text('saved_by'),
});

/** When an organization's wallet is to be topped up by itself. */
export const autoTopUps = pgTable(
  'auto_top_ups',
  {
    organizationId: text('organization_id')
      .primaryKey()
      .references(() => organizations.id),
    isEnabled: boolean('is_enabled').notNull(),
    /** As soon as less than this is available. */
    thresholdNano: nano('threshold_nano').notNull(),
    amountNano: nano('amount_nano').notNull(),
    /** Null: no limit. */
    monthlyLimitNano: nano('monthly_limit_nano'),
    /** In a row. */
    declines: integer().notNull().default(0),
    /** Null: nobody but a member switched it off. */
    disabledReason: text('disabled_reason', { enum: ['declined', 'disputed'] }),
    /** After a decline. */
    pausedUntil: moment('paused_until'),
  },
  (table) => [
    check('auto_top_ups_threshold_no_less_than_nothing', sql`${table.thresholdNano} >= 0`),
    check(
      'auto_top_ups_amount_in_cents',
      sql`${table.amountNano} > 0 and ${table.amountNano} % 10000000 = 0`,
    ),
  ],
);

/**
 * Money on its way into a wallet. `opening`: Stripe was or will be asked; `open`: a page to pay on; `processing`: the bank takes
 * its time; `paid`: credited. What came of it afterwards stands in its movements.
 */
export const topUps = pgTable(
  'top_ups',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    kind: text({ enum: ['checkout', 'automatic'] }).notNull(),
    status: text({
      enum: ['opening', 'open', 'processing', 'paid', 'expired', 'failed'],
    }).notNull(),
    amountNano: nano('amount_nano').notNull(),
    customerId: text('customer_id'),
    /** The caller's; null: no caller asked for it. */
    idempotencyKey: text('idempotency_key'),
    /** SHA-256 of what was asked for. */
    requestHash: bytea('request_hash'),
    savesPaymentMethod: boolean('saves_payment_method').notNull().default(false),
    checkoutId: text('checkout_id').unique(),
    checkoutUrl: text('checkout_url'),
    paymentId: text('payment_id').unique(),
    /** What is charged while nobody is there. */
    paymentMethodId: text('payment_method_id'),
    /** In which an automatic one counts, such as `2026-11`, where the organization is. */
    month: text(),
    /** When Stripe was asked first: it forgets keys of calls after a day. */
    attemptedAt: moment('attempted_at'),
    /** Stripe's reason for a failure. */
    declineCode: text('decline_code'),
    createdAt: createdAt(),
    endedAt: moment('ended_at'),
  },
  (table) => [
    unique('top_ups_once_per_key').on(table.organizationId, table.idempotencyKey),
    uniqueIndex('top_ups_one_automatic_running')
      .on(table.organizationId)
      .where(sql`${table.kind} = 'automatic' and ${table.status} in ('opening', 'processing')`),
    index('top_ups_of_month').on(table.organizationId, table.month),
    check(
      'top_ups_amount_in_cents',
      sql`${table.amountNano} > 0 and ${table.amountNano} % 10000000 = 0`,
    ),
  ],
);

/** What a top-up has moved: its transfers in the ledger. Append-only. Each thing that Stripe names moves money once. */
export const topUpMovements = pgTable(
  'top_up_movements',
  {
    transferId: text('transfer_id').primaryKey(),
    organizationId: text('organization_id').notNull(),
    topUpId: text('top_up_id')
      .notNull()
      .references(() => topUps.id),
    kind: text({
      enum: ['top_up', 'top_up_refund', 'top_up_refund_reversal', 'dispute', 'dispute_reversal'],
    }).notNull(),
    /** Of the payment, refund or dispute at Stripe. */
    reference: text().notNull(),
    amountNano: nano('amount_nano').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    unique('top_up_movements_once').on(table.kind, table.reference),
    index('top_up_movements_of_top_up').on(table.topUpId),
  ],
);

/** Which events of Stripe have arrived, and what they were about. They are hints: what is true is asked for. */
export const stripeEvents = pgTable(
  'stripe_events',
  {
    id: text().primaryKey(),
    type: text().notNull(),
    checkoutId: text('checkout_id'),
    paymentId: text('payment_id'),
    topUpId: text('top_up_id'),
    receivedAt: moment('received_at').notNull(),
  },
  (table) => [index('stripe_events_to_purge').on(table.receivedAt)],
);
