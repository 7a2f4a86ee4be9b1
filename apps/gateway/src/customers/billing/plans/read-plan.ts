import type { NanoUsd } from '@sealgate/contract';
import { nanoUsd } from '@sealgate/contract';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant, type Transaction } from '../../../platform/db/index.ts';
import { monthAt } from '../../../platform/month.ts';
import type { PriceList } from '../pricing/tariff.ts';
import { bookedPlan, planIdAt } from './booked-plan.ts';
import { readBooking, type Booking } from './booking.ts';
import { findFee } from './charge-fee.ts';
import type { Plan } from './plan.ts';
import type { PlanServices } from './services.ts';

export interface PlanState {
  readonly plan: Plan;
  /** `undefined`: it goes on. */
  readonly next: { readonly plan: Plan; readonly fromMs: number } | undefined;
  /** What was paid for it in this month. `undefined`: nothing was to be paid. */
  readonly fee: { readonly month: string; readonly amountNano: NanoUsd } | undefined;
  /** By which requests are charged now, the plan's discounts included. */
  readonly list: PriceList;
}

export function readPlan(ctx: Context<MemberActor>, services: PlanServices): Promise<PlanState> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) =>
    describePlan(transaction, ctx, services, await readBooking(transaction, organizationId)),
  );
}

export async function describePlan(
  transaction: Transaction,
  ctx: Context,
  { plans, prices }: PlanServices,
  booking: Booking,
): Promise<PlanState> {
  const { organizationId, timeZone } = booking;
  const nowMs = ctx.clock();
  const booked = bookedPlan(booking, nowMs);
  const plan = plans.of(planIdAt(booked, nowMs));
  const month = monthAt(timeZone, nowMs).name;
  const paid = await findFee(transaction, { organizationId, plan, month });
  return {
    plan,
    next: booked.next && { plan: plans.of(booked.next.planId), fromMs: booked.next.fromMs },
    fee: paid && { month, amountNano: nanoUsd(paid.amountNano) },
    list: prices.listFor(booked, nowMs),
  };
}
