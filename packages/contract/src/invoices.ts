import { z } from 'zod';
import { LedgerEntry } from './billing.ts';
import { endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { id, listOf, PageQuery, signedUsd, time } from './values.ts';

export const InvoiceSummary = z.object({
  invoice_id: id('bill'),
  number: z
    .string()
    .describe('Without gaps over all invoices of this server.')
    .meta({
      examples: ['INV-000042'],
    }),
  month: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .describe('In `time_zone`.')
    .meta({ examples: ['2026-04'] }),
  time_zone: z.string().describe('IANA name; where the month begins and ends.'),
  opening_balance_usd: signedUsd().describe('Of the wallet, when the month began.'),
  closing_balance_usd: signedUsd().describe('When it ended: the opening balance and all lines.'),
  currency: z.literal('USD'),
  issued_at: time(),
});

export type InvoiceSummary = z.output<typeof InvoiceSummary>;

export const InvoiceLine = z.object({
  kind: LedgerEntry.shape.kind,
  tier: z
    .enum(['fast', 'balanced', 'passthrough', 'byok'])
    .nullable()
    .describe('Of usage; else null.'),
  model: z
    .string()
    .nullable()
    .describe('Of usage. Null: the smallest of very many models, in one line.'),
  entries: z.int().describe('How many requests, payments or bookings.'),
  input_tokens: z.int(),
  output_tokens: z.int(),
  amount_usd: signedUsd().describe('What the wallet gained; below zero: what it paid.'),
});

export type InvoiceLine = z.output<typeof InvoiceLine>;

export const Invoice = InvoiceSummary.extend({
  began_at: time(),
  ended_at: time(),
  recipient: z.string().describe('The organization’s name when it was issued.'),
  operator: z.object({ name: z.string(), address: z.array(z.string()) }),
  lines: z.array(InvoiceLine),
});

export type Invoice = z.output<typeof Invoice>;

export const InvoiceList = listOf(InvoiceSummary);

export type InvoiceList = z.output<typeof InvoiceList>;

/** The type is that of the bytes; OpenAPI knows them by their content type alone. */
export const InvoiceFile = z.string().describe('A PDF file.').meta({ format: 'binary' });

const common = { tag: 'billing', caller: 'member', action: 'billing.manage' } as const;
const params = z.object({ invoice_id: id('bill') });

export const listInvoices = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/invoices',
  summary: 'List the invoices',
  description:
    'The latest first: one for each calendar month of the organization’s time zone that is over and in which the wallet gained or paid something.',
  request: { query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': InvoiceList } } },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const downloadInvoice = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/invoices/{invoice_id}.pdf',
  summary: 'Download an invoice',
  request: { params },
  answers: {
    200: {
      description: 'The file.',
      headers: z.object({ 'Content-Disposition': z.string().describe('With the file’s name.') }),
      content: { 'application/pdf': InvoiceFile },
    },
  },
  refusals: MEMBER_REFUSALS,
});

export const retrieveInvoice = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/invoices/{invoice_id}',
  summary: 'Read an invoice',
  request: { params },
  answers: { 200: { description: 'The invoice.', content: { 'application/json': Invoice } } },
  refusals: MEMBER_REFUSALS,
});
