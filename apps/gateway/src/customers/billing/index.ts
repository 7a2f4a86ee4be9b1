export type { Generation, UsageJournal } from './generation.ts';
export {
  boundOf,
  chargeOf,
  LIST_PRICE,
  PASSTHROUGH,
  TIER_PRICES,
  type BilledTokens,
  type Price,
  type Ratio,
} from './cost.ts';
export { openUsageJournal, type OpenUsageJournal } from './usage-journal.ts';
