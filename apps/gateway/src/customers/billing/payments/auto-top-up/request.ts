import { eq, sql } from 'drizzle-orm';
import type { Context } from '../../../../platform/context.ts';
import { autoTopUps, inSystem, topUps, type Transaction } from '../../../../platform/db/index.ts';
import { newId } from '../../../../platform/ids.ts';
import { addJob } from '../../../../platform/jobs/index.ts';
import type { PaymentServices } from '../services.ts';

export interface DueTopUp extends Record<string, unknown> {
  readonly organizationId: string;
  readonly amountNano: string;
  readonly customerId: string;
  readonly paymentMethodId: string;
  /** Now, where the organization is. */
  readonly month: string;
}

/**
 * Of these organizations those whose wallets are to be topped up: less is available than they want, none is on its way (but
 * for `except`), the card is not left alone for now, and the month’s limit has room for it.
 */
export async function findDue(
  transaction: Transaction,
  organizationIds: readonly string[],
  { nowMs, except = '' }: { readonly nowMs: number; readonly except?: string },
): Promise<readonly DueTopUp[]> {
  const now = sql`${new Date(nowMs).toISOString()}::timestamptz`;
  const { rows } = await transaction.execute<DueTopUp>(sql`
    select settings.organization_id as "organizationId", settings.amount_nano::text as "amountNano",
      customer_id as "customerId", payment_method_id as "paymentMethodId", this.month
    from auto_top_ups as settings
    join wallets on wallets.organization_id = settings.organization_id
    join payment_profiles on payment_profiles.organization_id = settings.organization_id
    join organizations on organizations.id = settings.organization_id
    cross join lateral (select to_char(${now} at time zone time_zone, 'YYYY-MM') as month) as this
    where settings.organization_id in ${[...organizationIds]}
      and is_enabled and deleted_at is null and payment_method_id is not null
      and balance_nano - held_nano < threshold_nano
      and (paused_until is null or paused_until <= ${now})
      and not exists (
        select from top_ups as running where running.organization_id = settings.organization_id
          and running.kind = 'automatic' and running.status in ('opening', 'processing') and running.id <> ${except})
      and (monthly_limit_nano is null or monthly_limit_nano >= settings.amount_nano + (
        select coalesce(sum(spent.amount_nano), 0) from top_ups as spent
        where spent.organization_id = settings.organization_id and spent.month = this.month
          and spent.kind = 'automatic' and spent.status not in ('failed', 'expired') and spent.id <> ${except}))
    order by settings.organization_id`);
  return rows;
}

/**
 * Decides on top-ups by themselves: to be called in the transaction that has taken something from these wallets. The card is
 * charged by a job, if and only if the transaction is committed; there is never more than one on its way.
 */
export async function requestAutoTopUps(
  transaction: Transaction,
  organizationIds: readonly string[],
  nowMs: number,
): Promise<void> {
  if (organizationIds.length === 0) return;
  for (const due of await findDue(transaction, organizationIds, { nowMs })) {
    const { organizationId, month, customerId, paymentMethodId } = due;
    const id = newId('topUp', nowMs);
    const inserted = await transaction
      .insert(topUps)
      .values({
        id,
        organizationId,
        kind: 'automatic',
        status: 'opening',
        amountNano: BigInt(due.amountNano),
        customerId,
        paymentMethodId,
        month,
        createdAt: new Date(nowMs),
      })
      .onConflictDoNothing()
      .returning({ id: topUps.id });
    if (inserted.length === 0) continue;
    await addJob(transaction, 'charge-top-up', { organizationId, topUpId: id });
  }
}

/** Whoever has nothing left uses nothing, and so settles nothing: the clock asks too. For everybody: hence past all scopes. */
export async function requestDueAutoTopUps(
  ctx: Context,
  { provider }: PaymentServices,
): Promise<void> {
  if (provider === undefined) return;
  await inSystem(ctx, async (transaction) => {
    const enabled = await transaction
      .select({ id: autoTopUps.organizationId })
      .from(autoTopUps)
      .where(eq(autoTopUps.isEnabled, true));
    const ids = enabled.map(({ id }) => id);
    await requestAutoTopUps(transaction, ids, ctx.clock());
  });
}
