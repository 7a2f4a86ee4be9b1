export { adjust } from './adjust.ts';
export type { BookedTransfer } from './book-transfer.ts';
export type { Correction } from './correction.ts';
export { credit } from './credit.ts';
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
export { listLedger, type LedgerEntry } from './list-ledger.ts';
export { readBalance, type Balance } from './read-balance.ts';
export { reconcile, type Discrepancy, type Reconciliation } from './reconcile.ts';
export { refund, type Refund } from './refund.ts';
export {
  NO_USAGE,
  summarizeUsage,
  type UsageGroup,
  type UsageSummary,
  type UsageTotals,
} from './summarize-usage.ts';
export { openUsageJournal, type OpenUsageJournal } from './usage-journal.ts';
