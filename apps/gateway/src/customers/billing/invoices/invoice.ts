import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import type { invoiceLines, invoices } from '../../../platform/db/index.ts';

type StoredInvoice = typeof invoices.$inferSelect;
type StoredLine = typeof invoiceLines.$inferSelect;

export interface InvoiceSummary {
  readonly id: string;
  readonly organizationId: string;
  /** Such as `INV-000042`. */
  readonly number: string;
  readonly month: string;
  readonly timeZone: string;
  readonly openingNano: NanoUsd;
  readonly closingNano: NanoUsd;
  readonly issuedAt: Date;
}

export interface InvoiceLine {
  readonly kind: string;
  readonly billingTier: string | null;
  readonly model: string | null;
  readonly entries: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly amountNano: NanoUsd;
}

export interface Invoice extends InvoiceSummary {
  readonly beganAt: Date;
  readonly endedAt: Date;
  readonly recipientName: string;
  readonly operatorName: string;
  readonly operatorAddress: readonly string[];
  readonly lines: readonly InvoiceLine[];
}

const DIGITS = 6;

export const summaryOf = (row: StoredInvoice): InvoiceSummary => ({
  id: row.id,
  organizationId: row.organizationId,
  number: `INV-${row.number.toString().padStart(DIGITS, '0')}`,
  month: row.month,
  timeZone: row.timeZone,
  openingNano: nanoUsd(row.openingNano),
  closingNano: nanoUsd(row.closingNano),
  issuedAt: row.issuedAt,
});

export const invoiceOf = (row: StoredInvoice, lines: readonly StoredLine[]): Invoice => ({
  ...summaryOf(row),
  beganAt: row.beganAt,
  endedAt: row.endedAt,
  recipientName: row.recipientName,
  operatorName: row.operatorName,
  operatorAddress: row.operatorAddress,
  lines: lines.map((line) => ({ ...line, amountNano: nanoUsd(line.amountNano) })),
});
