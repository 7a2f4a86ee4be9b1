import { sql } from 'drizzle-orm';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant, type Transaction } from '../../../platform/db/index.ts';
import { parseRatio, WHOLE } from '../pricing/ratio.ts';
import type { BillingTier } from '../pricing/tariff.ts';
import { bookedPlan } from './booked-plan.ts';
import { readBooking } from './booking.ts';
import { hintOf, type ChargedUsage, type UpgradeHint } from './hint.ts';
import type { Plans } from './plan.ts';

const DAYS_MS = 30 * 24 * 3_600_000;

/** What another plan would have saved in the last thirty days. What is booked for the next month counts as booked. */
export function readUpgradeHint(
  ctx: Context<MemberActor>,
  plans: Plans,
): Promise<UpgradeHint | undefined> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const booked = bookedPlan(await readBooking(transaction, organizationId), ctx.clock());
    const current = plans.of(booked.next?.planId ?? booked.planId);
    return hintOf(await readCharged(transaction, ctx, organizationId), current, plans.all);
  });
}

interface Row extends Record<string, unknown> {
  readonly tier: BillingTier;
  readonly planShare: string | null;
  readonly costNano: string;
}

async function readCharged(
  transaction: Transaction,
  ctx: Context,
  organizationId: string,
): Promise<readonly ChargedUsage[]> {
  const now = ctx.clock();
  const { rows } = await transaction.execute<Row>(sql`
    with charged as (
      select billing_tier as tier, price_version, sum(cost_nano) as cost from generations
      where organization_id = ${organizationId} and cost_nano > 0
        and started_at >= ${new Date(now - DAYS_MS).toISOString()}::timestamptz
        and started_at < ${new Date(now).toISOString()}::timestamptz
      group by 1, 2)
    select tier, terms ->> 'plan_share' as "planShare", sum(cost)::text as "costNano"
    from charged left join price_versions on version = price_version group by 1, 2`);
  return rows.map(({ tier, planShare, costNano }) => ({
    tier,
    planShare: shareOf(planShare),
    costNano: BigInt(costNano),
  }));
}

/** Tariffs of before there were plans were not kept. */
function shareOf(text: string | null): ChargedUsage['planShare'] {
  if (text === null) return WHOLE;
  const share = parseRatio(text);
  if (share === undefined || share.of === 0n) throw new Error(`impossible: a plan leaves ${text}`);
  return share;
}
