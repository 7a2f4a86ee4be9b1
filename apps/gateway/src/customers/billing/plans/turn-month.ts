import { printUsd } from '@sealgate/contract';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import type { Transaction } from '../../../platform/db/index.ts';
import { dayOfMonthAt, monthAt } from '../../../platform/month.ts';
import { tellManagers } from '../tell-managers.ts';
import { writeBooking, type Booking } from './booking.ts';
import { chargeFee } from './charge-fee.ts';
import { PAY_AS_YOU_GO, type Plans } from './plan.ts';

/**
 * Brings a booking, which is locked, up to the month in which we are: what was to follow has begun, and the fee is paid. A
 * fee that the wallet does not cover ends the plan. Repeated, it does nothing more.
 */
export async function turnMonth(
  transaction: Transaction,
  personally: Context,
  plans: Plans,
  before: Booking,
): Promise<Booking> {
  // Whoever happens to ask first has decided nothing.
  const ctx: Context = { ...personally, actor: { kind: 'system' }, address: undefined };
  const month = monthAt(before.timeZone, ctx.clock()).name;
  const booking = await begin(transaction, ctx, before, month);
  const plan = plans.of(booking.planId);
  if (plan.monthlyFeeNano === 0n) return booking;
  const daysOfMonth = dayOfMonthAt(booking.timeZone, ctx.clock()).of;
  const { organizationId } = booking;
  const outcome = await chargeFee(transaction, ctx, {
    organizationId,
    plan,
    month,
    amountNano: plan.monthlyFeeNano,
    days: daysOfMonth,
    daysOfMonth,
  });
  if (outcome === 'charged') return booking;
  const feeUsd = printUsd(plan.monthlyFeeNano);
  await recordDeed(transaction, ctx, {
    action: 'plan.lapse',
    subject: organizationId,
    organizationId,
    details: { from: plan.id, to: PAY_AS_YOU_GO.id, month, feeUsd },
  });
  await tellManagers(transaction, ctx, organizationId, (organizationName) => ({
    template: 'plan-ended',
    organizationName,
    planName: plan.name,
    month,
    feeUsd,
  }));
  return writeBooking(transaction, booking, {
    planId: PAY_AS_YOU_GO.id,
    nextPlanId: null,
    nextPlanMonth: null,
  });
}

/** What was booked for a month that has begun. */
async function begin(
  transaction: Transaction,
  ctx: Context,
  booking: Booking,
  month: string,
): Promise<Booking> {
  const { organizationId, planId, nextPlanId, nextPlanMonth } = booking;
  if (nextPlanId === null || nextPlanMonth === null || nextPlanMonth > month) return booking;
  await recordDeed(transaction, ctx, {
    action: 'plan.begin',
    subject: organizationId,
    organizationId,
    details: { from: planId, to: nextPlanId, month: nextPlanMonth },
  });
  return writeBooking(transaction, booking, {
    planId: nextPlanId,
    nextPlanId: null,
    nextPlanMonth: null,
  });
}
