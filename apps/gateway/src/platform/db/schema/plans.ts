import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { createdAt, nano } from './columns.ts';
import { organizations } from './organizations.ts';

/** That a plan was paid for a month, once. Append-only. */
export const planFees = pgTable(
  'plan_fees',
  {
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    planId: text('plan_id').notNull(),
    /** Such as `2026-11`, where the organization is. */
    month: text().notNull(),
    /** What the plan cost for a whole month then. */
    monthlyFeeNano: nano('monthly_fee_nano').notNull(),
    /** Nothing where the plan before it was as dear. */
    amountNano: nano('amount_nano').notNull(),
    /** For how many days of the month, today included. */
    days: integer().notNull(),
    daysOfMonth: integer('days_of_month').notNull(),
    /** In the ledger. Null: there was nothing to pay. */
    transferId: text('transfer_id'),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.planId, table.month] })],
);
