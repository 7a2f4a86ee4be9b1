import { sql } from 'drizzle-orm';
import { index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
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
});

/**
 * Double entries: the rows of one transfer add up to zero. Append-only, which a trigger enforces; corrections are new
 * entries.
 */
export const ledgerEntries = pgTable(
  'ledger_entries',
  {
    id: text().primaryKey(),
    transferId: text('transfer_id').notNull(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    account: text({ enum: ['wallet', 'held', 'revenue', 'clearing', 'adjustments'] }).notNull(),
    kind: text({ enum: ['start_credit'] }).notNull(),
    amountNano: nano('amount_nano').notNull(),
    reason: text(),
    /** The generation that was paid for, if any: each kind is booked once per generation and account. */
    requestId: text('request_id'),
    createdAt: createdAt(),
  },
  (table) => [
    index('ledger_entries_of_organization').on(table.organizationId, table.createdAt),
    index('ledger_entries_of_transfer').on(table.transferId),
    uniqueIndex('ledger_entries_once_per_request')
      .on(table.requestId, table.kind, table.account)
      .where(sql`${table.requestId} is not null`),
  ],
);
