import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { NO_DISCOUNT, type PlanShares } from '../pricing/tariff.ts';

/** What an organization can book: a fee for each calendar month, and what it leaves of the prices. */
export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly monthlyFeeNano: NanoUsd;
  readonly shares: PlanShares;
}

/** Always there, and whoever has booked nothing has it. */
export const PAY_AS_YOU_GO: Plan = {
  id: 'pay-as-you-go',
  name: 'Pay as you go',
  monthlyFeeNano: nanoUsd(0n),
  shares: NO_DISCOUNT,
};

export interface Plans {
  /** In the operator's order. */
  readonly all: readonly Plan[];
  find(id: string): Plan | undefined;
  /** Of what an organization has booked. What is configured no more has neither a discount nor a fee. */
  of(id: string): Plan;
}

export function createPlans(configured: readonly Plan[]): Plans {
  const all = [PAY_AS_YOU_GO, ...configured];
  const byId = new Map(all.map((plan) => [plan.id, plan]));
  return {
    all,
    find: (id) => byId.get(id),
    of: (id) => byId.get(id) ?? PAY_AS_YOU_GO,
  };
}
