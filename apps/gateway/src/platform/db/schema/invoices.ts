import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, nano } from './columns.ts';
import { organizations } from './organizations.ts';

/**
 * What the ledger says of one organization and month, told once. Append-only. It tells of the entries after those of the
 * invoice before, up to `lastPosition`: every entry is in exactly one.
 */
export const invoices = pgTable(
  'invoices',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** Without gaps, over all organizations. */
    number: bigint({ mode: 'bigint' }).notNull().unique('invoices_number_once'),
    /** Such as `2026-11`, in the time zone. */
    month: text().notNull(),
    timeZone: text('time_zone').notNull(),
    beganAt: moment('began_at').notNull(),
    endedAt: moment('ended_at').notNull(),
    lastPosition: bigint('last_position', { mode: 'bigint' }).notNull(),
    openingNano: nano('opening_nano').notNull(),
    closingNano: nano('closing_nano').notNull(),
    /** As they were called then. */
    recipientName: text('recipient_name').notNull(),
    operatorName: text('operator_name').notNull(),
    operatorAddress: text('operator_address').array().notNull(),
    issuedAt: moment('issued_at').notNull(),
  },
  (table) => [unique('invoices_once_per_month').on(table.organizationId, table.month)],
);

/** What was moved, by kind of the ledger; usage by tier and model. */
export const invoiceLines = pgTable(
  'invoice_lines',
  {
    invoiceId: text('invoice_id')
      .notNull()
      .references(() => invoices.id),
    position: integer().notNull(),
    organizationId: text('organization_id').notNull(),
    kind: text().notNull(),
    billingTier: text('billing_tier'),
    /** Null: not usage, or the smallest of too many models together. */
    model: text(),
    entries: bigint({ mode: 'bigint' }).notNull(),
    inputTokens: bigint('input_tokens', { mode: 'bigint' }).notNull(),
    outputTokens: bigint('output_tokens', { mode: 'bigint' }).notNull(),
    amountNano: nano('amount_nano').notNull(),
  },
  (table) => [primaryKey({ columns: [table.invoiceId, table.position] })],
);

/** Invoices as files, made when they are first asked for. */
export const invoiceFiles = pgTable('invoice_files', {
  invoiceId: text('invoice_id')
    .primaryKey()
    .references(() => invoices.id),
  organizationId: text('organization_id').notNull(),
  pdf: bytea().notNull(),
  createdAt: createdAt(),
});

/** The latest number of an invoice: one row, which whoever issues one changes in the same transaction. */
export const invoiceCounter = pgTable(
  'invoice_counter',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    lastNumber: bigint('last_number', { mode: 'bigint' }).notNull(),
  },
  (table) => [check('invoice_counter_one_row', sql`${table.isOnly}`)],
);
