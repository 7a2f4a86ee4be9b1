import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant, invoiceLines, invoices } from '../../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../../platform/page.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { invoiceOf, summaryOf, type Invoice, type InvoiceSummary } from './invoice.ts';
import { issueInvoices } from './issue-invoices.ts';
import type { InvoiceServices } from './services.ts';

/** The latest first; with those that are due and that no job has issued yet. */
export async function listInvoices(
  ctx: Context<MemberActor>,
  services: InvoiceServices,
  { limit, after }: PageRequest,
): Promise<Page<InvoiceSummary>> {
  const { organizationId } = ctx.actor;
  await issueInvoices(ctx, services, organizationId);
  const rows = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(invoices)
      .where(
        and(
          eq(invoices.organizationId, organizationId),
          after === undefined
            ? undefined
            : sql`${invoices.lastPosition} < (select last_position from invoices as cursor
                where cursor.id = ${after} and cursor.organization_id = ${organizationId})`,
        ),
      )
      .orderBy(desc(invoices.lastPosition))
      .limit(limit + 1),
  );
  return cutPage(rows.map(summaryOf), { limit, after });
}

export async function retrieveInvoice(
  ctx: Context<MemberActor>,
  invoiceId: string,
): Promise<Invoice> {
  const { organizationId } = ctx.actor;
  const found = await inTenant(ctx, organizationId, async (transaction) => {
    const [invoice] = await transaction
      .select()
      .from(invoices)
      .where(and(eq(invoices.id, invoiceId), eq(invoices.organizationId, organizationId)));
    const lines = await transaction
      .select()
      .from(invoiceLines)
      .where(
        and(eq(invoiceLines.invoiceId, invoiceId), eq(invoiceLines.organizationId, organizationId)),
      )
      .orderBy(asc(invoiceLines.position));
    return invoice && invoiceOf(invoice, lines);
  });
  if (found === undefined) throw new Refusal('not_found');
  return found;
}
