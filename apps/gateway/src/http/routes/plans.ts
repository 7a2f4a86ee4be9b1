import {
  ENDPOINTS,
  printUsd,
  type BookedPlan,
  type Plan as PrintedPlan,
  type UpgradeHint as PrintedHint,
} from '@sealgate/contract';
import {
  changePlan,
  percentOff,
  printPriceList,
  printRatio,
  readPlan,
  readUpgradeHint,
  type Plan,
  type PlanServices,
  type PlanState,
  type UpgradeHint,
} from '../../customers/billing/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';

export function addPlanRoutes(addRoute: AddRoute, services: PlanServices): void {
  addRoute(ENDPOINTS.readPlan, async (ctx) => printState(await readPlan(ctx, services)));
  addRoute(ENDPOINTS.updatePlan, async (ctx, { body }) =>
    printState(await changePlan(ctx, services, body.plan)),
  );
  addRoute(ENDPOINTS.listPlans, () =>
    Promise.resolve(printList({ entries: services.plans.all, nextCursor: undefined }, printPlan)),
  );
  addRoute(ENDPOINTS.readUpgradeHint, async (ctx) =>
    printHint(await readUpgradeHint(ctx, services.plans)),
  );
}

const printPlan = ({ id, name, monthlyFeeNano, shares }: Plan): PrintedPlan => ({
  plan_id: id,
  name,
  monthly_fee_usd: printUsd(monthlyFeeNano),
  discount_percent: {
    fast: printRatio(percentOff(shares.fast)),
    balanced: printRatio(percentOff(shares.balanced)),
    passthrough: printRatio(percentOff(shares.passthrough)),
    byok: printRatio(percentOff(shares.byok)),
  },
});

const printState = ({ plan, next, fee, list }: PlanState): BookedPlan => ({
  plan: printPlan(plan),
  next: next ? { plan: printPlan(next.plan), from: new Date(next.fromMs).toISOString() } : null,
  fee: fee ? { month: fee.month, paid_usd: printUsd(fee.amountNano) } : null,
  prices: printPriceList(list),
});

/** At most a hundred: the one number that is no money. */
const printHint = (hint: UpgradeHint | undefined): PrintedHint => ({
  hint:
    hint === undefined
      ? null
      : {
          recommend_plan: hint.plan.id,
          savings_pct: Number(hint.savingsPercent),
          savings_usd: printUsd(hint.savingsNano),
          reason: hint.reason,
        },
});
