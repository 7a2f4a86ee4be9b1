import { and, desc, eq, sql } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import {
  inSystem,
  inTenant,
  invoiceCounter,
  invoiceLines,
  invoices,
  ledgerEntries,
  organizations,
  violates,
  type Transaction,
} from '../../../platform/db/index.ts';
import type { InvoiceServices } from './services.ts';
import { sumUp } from './sum-up.ts';

/** An organization that cannot be invoiced must not keep the others from it. */
export async function issueAllInvoices(ctx: Context, services: InvoiceServices): Promise<void> {
  for (const organizationId of await findDue(ctx)) {
    await issueInvoices(ctx, services, organizationId).catch((error: unknown) =>
      services.log.error({ err: error, organizationId }, 'an invoice cannot be issued'),
    );
  }
}

/** Whose first entry that is in no invoice yet is of a month that is over. All of them: hence past all scopes. */
async function findDue(ctx: Context): Promise<readonly string[]> {
  const now = new Date(ctx.clock()).toISOString();
  const { rows } = await inSystem(ctx, (transaction) =>
    transaction.execute<{ id: string }>(sql`
      select id from organizations
      cross join lateral (
        select coalesce(max(last_position), 0) as position from invoices
        where invoices.organization_id = organizations.id) as told
      cross join lateral (
        select created_at from ledger_entries
        where ledger_entries.organization_id = organizations.id and account = 'wallet'
          and ledger_entries.position > told.position
        order by ledger_entries.position limit 1) as first
      where first.created_at
        < date_trunc('month', ${now}::timestamptz at time zone time_zone) at time zone time_zone
      order by id`),
  );
  return rows.map(({ id }) => id);
}

/**
 * Issues what is due for an organization, month by month, each once, however many ask at once. Entries are told of in the
 * order of booking: one that came too late for its month is in the invoice after it, and none is in two.
 */
export async function issueInvoices(
  ctx: Context,
  services: InvoiceServices,
  organizationId: string,
): Promise<void> {
  for (;;) {
    try {
      const isIssued = await inTenant(ctx, organizationId, (transaction) =>
        issueNext(transaction, ctx, services, organizationId),
      );
      if (!isIssued) return;
    } catch (error) {
      // Somebody else was faster; perhaps there is another one.
      if (!violates(error, 'invoices_once_per_month')) throw error;
    }
  }
}

async function issueNext(
  transaction: Transaction,
  ctx: Context,
  { operator }: InvoiceServices,
  organizationId: string,
): Promise<boolean> {
  const [previous] = await transaction
    .select()
    .from(invoices)
    .where(eq(invoices.organizationId, organizationId))
    .orderBy(desc(invoices.lastPosition))
    .limit(1);
  const after = previous?.lastPosition ?? 0n;
  const period = await findPeriod(transaction, ctx, { organizationId, after });
  if (period === undefined) return false;
  const closing = await findLast(transaction, organizationId, period.endedAt);
  const lines = await sumUp(transaction, { organizationId, after, last: closing.position });
  const openingNano = previous?.closingNano ?? 0n;
  const sum = lines.reduce((total, { amountNano }) => total + amountNano, openingNano);
  if (sum !== closing.balanceNano) {
    throw new Error(`impossible: the entries of ${organizationId} do not add up to its balance`);
  }
  const id = ctx.newId('invoice');
  await transaction.insert(invoices).values({
    ...period,
    id,
    organizationId,
    number: await takeNumber(transaction),
    lastPosition: closing.position,
    openingNano,
    closingNano: sum,
    recipientName: await findName(transaction, organizationId),
    operatorName: operator.name,
    operatorAddress: [...operator.address],
    issuedAt: new Date(ctx.clock()),
  });
  await transaction
    .insert(invoiceLines)

    .values(
      lines.map((line, position) =>
        Object.assign({ invoiceId: id, position, organizationId }, line),
      ),
    );
  return true;
}

interface Period extends Record<string, unknown> {
  readonly month: string;
  readonly timeZone: string;
  readonly beganAt: Date;
  readonly endedAt: Date;
}

/** The month of the first entry that is in no invoice, or the one after the latest invoice, if it is over. */
async function findPeriod(
  transaction: Transaction,
  ctx: Context,
  { organizationId, after }: { readonly organizationId: string; readonly after: bigint },
): Promise<Period | undefined> {
  const now = new Date(ctx.clock());
  const { rows } = await transaction.execute<Period>(sql`
    select to_char(this.month, 'YYYY-MM') as month, time_zone as "timeZone",
      greatest(this.month at time zone time_zone, told.ended_at) as "beganAt",
      (this.month + interval '1 month') at time zone time_zone as "endedAt"
    from organizations
    cross join lateral (
      select ledger_entries.created_at from ledger_entries
      where organization_id = ${organizationId} and account = 'wallet' and position > ${after}
      order by position limit 1) as first
    left join lateral (
      select invoices.ended_at, (invoices.month || '-01')::timestamp + interval '1 month' as next
      from invoices where organization_id = ${organizationId}
      order by last_position desc limit 1) as told on true
    cross join lateral (
      select greatest(date_trunc('month', first.created_at at time zone time_zone), told.next) as month
    ) as this
    where organizations.id = ${organizationId}
      and (this.month + interval '1 month') at time zone time_zone <= ${now.toISOString()}::timestamptz`);
  const [row] = rows;
  return row && { ...row, beganAt: new Date(row.beganAt), endedAt: new Date(row.endedAt) };
}

/** Wallets are locked while they are booked on, so what can be seen of one is always the beginning of its entries. */
async function findLast(
  transaction: Transaction,
  organizationId: string,
  before: Date,
): Promise<{ readonly position: bigint; readonly balanceNano: bigint }> {
  const [last] = await transaction
    .select({ position: ledgerEntries.position, balanceNano: ledgerEntries.balanceNano })
    .from(ledgerEntries)
    .where(
      and(
        eq(ledgerEntries.organizationId, organizationId),
        eq(ledgerEntries.account, 'wallet'),
        sql`${ledgerEntries.createdAt} < ${before.toISOString()}::timestamptz`,
      ),
    )
    .orderBy(desc(ledgerEntries.position))
    .limit(1);
  if (last?.balanceNano == null) throw new Error('impossible: an invoice about nothing');
  return { position: last.position, balanceNano: last.balanceNano };
}

/** Whoever comes next waits until this transaction has ended: a number that is not used is not taken. */
async function takeNumber(transaction: Transaction): Promise<bigint> {
  const [counter] = await transaction
    .insert(invoiceCounter)
    .values({ lastNumber: 1n })
    .onConflictDoUpdate({
      target: invoiceCounter.isOnly,
      set: { lastNumber: sql`${invoiceCounter.lastNumber} + 1` },
    })
    .returning();
  if (counter === undefined) throw new Error('impossible: the counter of invoices is gone');
  return counter.lastNumber;
}

async function findName(transaction: Transaction, organizationId: string): Promise<string> {
  const [row] = await transaction
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, organizationId));
  return row?.name ?? '';
}
