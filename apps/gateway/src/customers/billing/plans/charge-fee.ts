import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { and, eq } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { planFees, type Transaction } from '../../../platform/db/index.ts';
import { lockWallet } from '../holds/budget-moves.ts';
import { bookTransfer } from '../ledger/book-transfer.ts';
import { requestAutoTopUps } from '../payments/auto-top-up/request.ts';
import type { Plan } from './plan.ts';

export interface PlanMonth {
  readonly organizationId: string;
  readonly plan: Plan;
  readonly month: string;
}

export type PlanFee = typeof planFees.$inferSelect;

/** `undefined`: the plan was not paid for this month. */
export async function findFee(
  transaction: Transaction,
  { organizationId, plan, month }: PlanMonth,
): Promise<PlanFee | undefined> {
  const [fee] = await transaction
    .select()
    .from(planFees)
    .where(
      and(
        eq(planFees.organizationId, organizationId),
        eq(planFees.planId, plan.id),
        eq(planFees.month, month),
      ),
    );
  return fee;
}

export interface FeeToCharge extends PlanMonth {
  readonly amountNano: NanoUsd;
  readonly days: number;
  readonly daysOfMonth: number;
}

/**
 * Takes a fee from the wallet, unless it was taken for this plan and month before. `short`: it is not there; nothing was
 * done. What is held for running requests is not there either: it may be spent.
 */
export async function chargeFee(
  transaction: Transaction,
  ctx: Context,
  { plan, organizationId, month, amountNano, days, daysOfMonth }: FeeToCharge,
): Promise<'charged' | 'short'> {
  const { balanceNano, heldNano } = await lockWallet(transaction, organizationId);
  if (await findFee(transaction, { organizationId, plan, month })) return 'charged';
  if (amountNano > 0n && balanceNano - heldNano < amountNano) return 'short';
  const part = days === daysOfMonth ? '' : ` (${days} of ${daysOfMonth} days)`;
  const booked =
    amountNano > 0n
      ? await bookTransfer(transaction, ctx, {
          organizationId,
          kind: 'plan_fee',
          amountNano: nanoUsd(0n - amountNano),
          from: 'revenue',
          reason: `${plan.name}, ${month}${part}`,
          requestId: `${organizationId} ${plan.id} ${month}`,
        })
      : undefined;
  await transaction.insert(planFees).values({
    organizationId,
    planId: plan.id,
    month,
    monthlyFeeNano: plan.monthlyFeeNano,
    amountNano,
    days,
    daysOfMonth,
    transferId: booked?.id ?? null,
    createdAt: new Date(ctx.clock()),
  });
  await requestAutoTopUps(transaction, [organizationId], ctx.clock());
  return 'charged';
}
