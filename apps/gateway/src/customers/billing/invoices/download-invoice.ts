import { and, eq } from 'drizzle-orm';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant, invoiceFiles } from '../../../platform/db/index.ts';
import type { Invoice } from './invoice.ts';
import { retrieveInvoice } from './list-invoices.ts';
import type { InvoiceServices } from './services.ts';

export interface InvoiceFile {
  /** Of the invoice, such as `INV-000042`. */
  readonly number: string;
  readonly pdf: Uint8Array;
}

/** Made when it is first asked for, and the same ever after, whatever becomes of the program that made it. */
export async function downloadInvoice(
  ctx: Context<MemberActor>,
  { inTurn }: InvoiceServices,
  invoiceId: string,
): Promise<InvoiceFile> {
  const invoice = await retrieveInvoice(ctx, invoiceId);
  const pdf =
    (await findFile(ctx, invoice)) ??
    (await inTurn(async () => (await findFile(ctx, invoice)) ?? (await makeFile(ctx, invoice))));
  return { number: invoice.number, pdf };
}

async function makeFile(ctx: Context<MemberActor>, invoice: Invoice): Promise<Uint8Array> {
  const { id: invoiceId, organizationId } = invoice;
  // Its packages take 30 MB and a moment to load: only where somebody wants a file.
  const { renderInvoice } = await import('./pdf/render-invoice.ts');
  const pdf = await renderInvoice(invoice);
  const createdAt = new Date(ctx.clock());
  await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .insert(invoiceFiles)
      .values({ invoiceId, organizationId, pdf, createdAt })
      .onConflictDoNothing(),
  );
  // Another gateway may have been faster: there is one file.
  return (await findFile(ctx, invoice)) ?? pdf;
}

async function findFile(
  ctx: Context<MemberActor>,
  { id, organizationId }: Invoice,
): Promise<Uint8Array | undefined> {
  const [file] = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select({ pdf: invoiceFiles.pdf })
      .from(invoiceFiles)
      .where(and(eq(invoiceFiles.invoiceId, id), eq(invoiceFiles.organizationId, organizationId))),
  );
  return file?.pdf;
}
