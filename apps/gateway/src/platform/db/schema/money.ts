import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { createdAt, nano } from './columns.ts';
import { organizations } from './organizations.ts';

/** Each organization's balance, kept beside the sum of its `wallet` entries in the same transaction. */
export const wallets = pgTable('wallets', {
  organizationId: text('organization_id')
    .primaryKey()
    .references(() => organizations.id),
  balanceNano: nano('balance_nano')
    .notNull()
    .default(sql`0`),
  /** Set aside for requests that run: the sum of the organization's leases. */
  heldNano: nano('held_nano')
    .notNull()
    .default(sql`0`),
});

/**
 * Double entries: the rows of one transfer add up to zero. Append-only, which a trigger enforces; corrections are new
 * entries. A transfer changes its wallet first, so within an organization positions are in the order of booking. No foreign
 * keys: the wallet has one, and here they would cost a third of the time that booking takes.
 */
export const ledgerEntries = pgTable(
  'ledger_entries',
  {
    id: text().primaryKey(),
    position: bigint({ mode: 'bigint' }).notNull().generatedAlwaysAsIdentity(),
    transferId: text('transfer_id').notNull(),
    organizationId: text('organization_id').notNull(),
    account: text({ enum: ['wallet', 'held', 'revenue', 'clearing', 'adjustments'] }).notNull(),
    kind: text({
      enum: [
        'start_credit',
        'usage',
        'credit',
        'adjustment',
        'refund',
        'top_up',
        'top_up_refund',
        'top_up_refund_reversal',
        'dispute',
        'dispute_reversal',
        'plan_fee',
      ],
    }).notNull(),
    amountNano: nano('amount_nano').notNull(),
    /** Of the wallet, after this entry; null in other accounts. */
    balanceNano: nano('balance_nano'),
    reason: text(),
    /** What it is about, if anything: a generation, what Stripe calls a payment, refund or dispute, or a plan and its month. Each kind is booked once for it. */
    requestId: text('request_id'),
    createdAt: createdAt(),
  },
  (table) => [
    index('ledger_entries_of_wallet')
      .on(table.organizationId, table.position)
      .where(sql`${table.account} = 'wallet'`),
    uniqueIndex('ledger_entries_once_per_request')
      .on(table.requestId, table.kind)
      .where(sql`${table.account} = 'wallet' and ${table.requestId} is not null`),
    check(
      'ledger_entries_wallet_has_balance',
      sql`(${table.account} = 'wallet') = (${table.balanceNano} is not null)`,
    ),
  ],
);
