import { printUsd } from '@sealgate/contract';
import type { MemberActor } from '../../../platform/actor.ts';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant, type Transaction } from '../../../platform/db/index.ts';
import { dayOfMonthAt, monthAt } from '../../../platform/month.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { refuseLimitedKey } from '../quotas/refuse-limited-key.ts';
import { lockBooking, writeBooking, type Booking } from './booking.ts';
import { chargeFee } from './charge-fee.ts';
import { daysLeftOf, feeForRest } from './fee.ts';
import type { Plan, Plans } from './plan.ts';
import { describePlan, type PlanState } from './read-plan.ts';
import type { PlanServices } from './services.ts';
import { turnMonth } from './turn-month.ts';

/**
 * Books a plan. One that costs no less begins at once, and the rest of the month is paid for now; a cheaper one begins with
 * the next month. Sent again, it changes and charges nothing more.
 */
export function changePlan(
  ctx: Context<MemberActor>,
  services: PlanServices,
  planId: string,
): Promise<PlanState> {
  const { organizationId } = ctx.actor;
  const plan = findPlan(services.plans, planId);
  return inTenant(ctx, organizationId, async (transaction) => {
    await refuseLimitedKey(transaction, ctx.actor);
    const locked = await lockBooking(transaction, organizationId);
    const booking = await turnMonth(transaction, ctx, services.plans, locked);
    const changed = await change(transaction, ctx, services.plans, { booking, plan });
    return describePlan(transaction, ctx, services, changed);
  });
}

function findPlan(plans: Plans, id: string): Plan {
  const plan = plans.find(id);
  if (plan !== undefined) return plan;
  const known = plans.all.map((each) => each.id).join(', ');
  throw new Refusal('invalid_request_error', {
    message: `plan: must be one of ${known}. GET /v1/billing/plans describes them.`,
    param: 'plan',
  });
}

interface Wish {
  readonly booking: Booking;
  readonly plan: Plan;
}

function change(
  transaction: Transaction,
  ctx: Context,
  plans: Plans,
  wish: Wish,
): Promise<Booking> {
  const { booking, plan } = wish;
  if (plan.id === booking.planId) return keep(transaction, ctx, booking);
  const isDearer = plan.monthlyFeeNano >= plans.of(booking.planId).monthlyFeeNano;
  return isDearer ? beginNow(transaction, ctx, plans, wish) : beginNext(transaction, ctx, wish);
}

async function keep(transaction: Transaction, ctx: Context, booking: Booking): Promise<Booking> {
  if (booking.nextPlanId === null) return booking;
  await recordChange(transaction, ctx, booking, {
    to: booking.planId,
    instead: booking.nextPlanId,
  });
  return writeBooking(transaction, booking, { ...NOTHING_NEXT, planId: booking.planId });
}

const NOTHING_NEXT = { nextPlanId: null, nextPlanMonth: null } as const;

async function beginNow(
  transaction: Transaction,
  ctx: Context,
  plans: Plans,
  { booking, plan }: Wish,
): Promise<Booking> {
  const { organizationId, timeZone } = booking;
  const day = dayOfMonthAt(timeZone, ctx.clock());
  const fromFeeNano = plans.of(booking.planId).monthlyFeeNano;
  const amountNano = feeForRest({ fromFeeNano, toFeeNano: plan.monthlyFeeNano }, day);
  await recordChange(transaction, ctx, booking, { to: plan.id, feeUsd: printUsd(amountNano) });
  if (plan.monthlyFeeNano > 0n) {
    const outcome = await chargeFee(transaction, ctx, {
      organizationId,
      plan,
      month: monthAt(timeZone, ctx.clock()).name,
      amountNano,
      days: daysLeftOf(day),
      daysOfMonth: day.of,
    });
    if (outcome === 'short') {
      throw new Refusal('account_suspended', {
        message: `${plan.name} costs ${printUsd(amountNano)} USD for the rest of this month, and the wallet does not have it. Top up first.`,
        facts: { limit_source: 'wallet', needed: printUsd(amountNano) },
        isRetryUseful: false,
      });
    }
  }
  return writeBooking(transaction, booking, { ...NOTHING_NEXT, planId: plan.id });
}

async function beginNext(
  transaction: Transaction,
  ctx: Context,
  { booking, plan }: Wish,
): Promise<Booking> {
  const { timeZone, planId } = booking;
  const { endsAtMs } = monthAt(timeZone, ctx.clock());
  const nextPlanMonth = monthAt(timeZone, endsAtMs).name;
  if (booking.nextPlanId === plan.id && booking.nextPlanMonth === nextPlanMonth) return booking;
  await recordChange(transaction, ctx, booking, { to: plan.id, month: nextPlanMonth });
  return writeBooking(transaction, booking, { planId, nextPlanId: plan.id, nextPlanMonth });
}

const recordChange = (
  transaction: Transaction,
  ctx: Context,
  { organizationId, planId }: Booking,
  details: Readonly<Record<string, unknown>>,
): Promise<void> =>
  recordDeed(transaction, ctx, {
    action: 'plan.change',
    subject: organizationId,
    organizationId,
    details: { from: planId, ...details },
  });
