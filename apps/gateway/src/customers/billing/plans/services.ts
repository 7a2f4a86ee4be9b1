import type { LivePrices } from '../price-lists/live-prices.ts';
import type { Plans } from './plan.ts';

/** What the verbs of plans need beside their context. */
export interface PlanServices {
  readonly plans: Plans;
  readonly prices: Pick<LivePrices, 'listFor'>;
}
