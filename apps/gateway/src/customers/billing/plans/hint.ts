import { nanoUsd, printUsd, type NanoUsd } from '@sealgate/contract';
import { divideHalfEven, type Ratio } from '../pricing/ratio.ts';
import type { BillingTier } from '../pricing/tariff.ts';
import type { Plan } from './plan.ts';

/** What was charged for some requests, and what the plan of that time had left of their price. */
export interface ChargedUsage {
  readonly tier: BillingTier;
  readonly planShare: Ratio;
  readonly costNano: bigint;
}

export interface UpgradeHint {
  readonly plan: Plan;
  readonly savingsNano: NanoUsd;
  /** Whole per cent, rounded down; at least one. */
  readonly savingsPercent: bigint;
  readonly reason: string;
}

interface PricedPlan {
  readonly plan: Plan;
  readonly totalNano: bigint;
}

/**
 * The plan on which this usage and the month's fee would have cost least; `undefined`: no plan saves as much as one per cent
 * of what it would have cost on the current one. Of two that are alike, the first in the operator's order.
 */
export function hintOf(
  usage: readonly ChargedUsage[],
  current: Plan,
  plans: readonly Plan[],
): UpgradeHint | undefined {
  const priced = plans.map((plan) => ({ plan, totalNano: totalOn(plan, usage) }));
  const nowNano = totalOn(current, usage);
  const cheapest = priced.reduce<PricedPlan>(
    (best, each) => (each.totalNano < best.totalNano ? each : best),
    { plan: current, totalNano: nowNano },
  );
  const savingsNano = nanoUsd(nowNano - cheapest.totalNano);
  const savingsPercent = nowNano === 0n ? 0n : (savingsNano * 100n) / nowNano;
  if (savingsPercent < 1n) return undefined;
  const usd = (nano: bigint): string => printUsd(nanoUsd(nano));
  const reason =
    `On ${cheapest.plan.name}, the last 30 days would have cost ${usd(cheapest.totalNano)} USD ` +
    `instead of ${usd(nowNano)} USD on ${current.name}, with the monthly fee of each.`;
  return { plan: cheapest.plan, savingsNano, savingsPercent, reason };
}

/** Exact until the end: what was charged is first brought back to the price without a plan. */
export function totalOn({ monthlyFeeNano, shares }: Plan, usage: readonly ChargedUsage[]): bigint {
  let numerator = monthlyFeeNano as bigint;
  let denominator = 1n;
  for (const { tier, planShare, costNano } of usage) {
    const above = costNano * planShare.per * shares[tier].of;
    const below = planShare.of * shares[tier].per;
    numerator = numerator * below + above * denominator;
    denominator *= below;
  }
  return divideHalfEven(numerator, denominator);
}
