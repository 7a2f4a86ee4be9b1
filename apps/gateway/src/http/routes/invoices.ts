import {
  ENDPOINTS,
  InvoiceLine as PrintedLine,
  printUsd,
  type Invoice as PrintedInvoice,
  type InvoiceSummary as PrintedSummary,
} from '@sealgate/contract';
import {
  downloadInvoice,
  listInvoices,
  retrieveInvoice,
  type Invoice,
  type InvoiceLine,
  type InvoiceServices,
  type InvoiceSummary,
} from '../../customers/billing/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';

export function addInvoiceRoutes(addRoute: AddRoute, invoices: InvoiceServices): void {
  addRoute(ENDPOINTS.listInvoices, async (ctx, { query }) =>
    printList(await listInvoices(ctx, invoices, query), printSummary),
  );
  // Before the path without an ending, which would take it.
  addRoute(ENDPOINTS.downloadInvoice, async (ctx, { params }) => {
    const { number, pdf } = await downloadInvoice(ctx, invoices, params.invoice_id);
    return {
      status: 200,
      contentType: 'application/pdf',
      body: pdf,
      headers: { 'content-disposition': `attachment; filename="${number}.pdf"` },
    } as const;
  });
  addRoute(ENDPOINTS.retrieveInvoice, async (ctx, { params }) =>
    printInvoice(await retrieveInvoice(ctx, params.invoice_id)),
  );
}

const printSummary = (invoice: InvoiceSummary): PrintedSummary => ({
  invoice_id: invoice.id,
  number: invoice.number,
  month: invoice.month,
  time_zone: invoice.timeZone,
  opening_balance_usd: printUsd(invoice.openingNano),
  closing_balance_usd: printUsd(invoice.closingNano),
  currency: 'USD',
  issued_at: invoice.issuedAt.toISOString(),
});

const printInvoice = (invoice: Invoice): PrintedInvoice => ({
  ...printSummary(invoice),
  began_at: invoice.beganAt.toISOString(),
  ended_at: invoice.endedAt.toISOString(),
  recipient: invoice.recipientName,
  operator: { name: invoice.operatorName, address: [...invoice.operatorAddress] },
  lines: invoice.lines.map(printLine),
});

/** The columns of the database know no more kinds and tiers than the contract; counts stay far below what a number can hold. */
const printLine = (line: InvoiceLine): PrintedLine => ({
  kind: PrintedLine.shape.kind.parse(line.kind),
  tier: PrintedLine.shape.tier.parse(line.billingTier),
  model: line.model,
  entries: Number(line.entries),
  input_tokens: Number(line.inputTokens),
  output_tokens: Number(line.outputTokens),
  amount_usd: printUsd(line.amountNano),
});
