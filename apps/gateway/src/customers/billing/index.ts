export { listDeliveries, type AlertDelivery } from './alerts/delivery/deliveries.ts';
export { resumeAlerts } from './alerts/delivery/resume-alerts.ts';
export { sendAlert, type AlertSending } from './alerts/delivery/send-alert.ts';
export { testWebhook, type AlertTesting } from './alerts/delivery/test-webhook.ts';
export {
  changeWebhook,
  NO_WEBHOOK,
  sortThresholds,
  type AlertWebhook,
} from './alerts/delivery/webhook.ts';
export { forgetAlerts } from './alerts/forget-alerts.ts';
export {
  listOrganizationDeliveries,
  readOrganizationAlerts,
  testOrganizationAlerts,
  updateOrganizationAlerts,
  type ChangedOrganizationAlerts,
  type OrganizationAlerts,
} from './alerts/organization-alerts.ts';
export { reviewLimits } from './alerts/review-limits.ts';
export { readSpent } from './quotas/read-spent.ts';
export { refuseLimitedKey } from './quotas/refuse-limited-key.ts';
export { adjust } from './ledger/adjust.ts';
export type { BookedTransfer } from './ledger/book-transfer.ts';
export type { Correction } from './ledger/correction.ts';
export { credit } from './ledger/credit.ts';
export type { Hold } from './holds/hold.ts';
export { openHoldKeeper, type HoldKeeper } from './holds/hold-keeper.ts';
export { addPriceList, type NewPriceList } from './price-lists/add-price-list.ts';
export { cancelPriceList } from './price-lists/cancel-price-list.ts';
export { findTariff, type ChargedTariff } from './price-lists/charged-tariffs.ts';
export { openLivePrices, type LivePrices } from './price-lists/live-prices.ts';
export { readPriceLists, type StoredList } from './price-lists/read-price-lists.ts';
export { inOrder, listAt, type ScheduledList } from './price-lists/timeline.ts';
export { bookedPlan, type BookedPlan } from './plans/booked-plan.ts';
export { changePlan } from './plans/change-plan.ts';
export { chargePlanFees } from './plans/charge-plan-fees.ts';
export type { UpgradeHint } from './plans/hint.ts';
export { createPlans, PAY_AS_YOU_GO, type Plan, type Plans } from './plans/plan.ts';
export { readPlan, type PlanState } from './plans/read-plan.ts';
export { readUpgradeHint } from './plans/read-upgrade-hint.ts';
export type { PlanServices } from './plans/services.ts';
export { boundOf, chargeOf, type CacheOutcome } from './pricing/charge.ts';
export { priceListOf, PriceListFields, printPriceList } from './pricing/list-fields.ts';
export {
  momentField,
  percentField,
  PriceFields,
  priceOf,
  printPrice,
  usdField,
} from './pricing/price-fields.ts';
export { lessPercent, percentOff, printRatio } from './pricing/ratio.ts';
export { printTariff, readTariff } from './pricing/tariff-fields.ts';
export { completePrice, NO_TOKENS, type Price, type TokenUsage } from './pricing/price.ts';
export {
  BILLING_TIERS,
  DEFAULT_PRICE_LIST,
  NO_DISCOUNT,
  covers,
  tariffFor,
  type PriceList,
  type Tariff,
} from './pricing/tariff.ts';
export { listLedger, type LedgerEntry } from './ledger/list-ledger.ts';
export { readBalance, type Balance } from './ledger/read-balance.ts';
export { reconcile, type Discrepancy, type Reconciliation } from './ledger/reconcile.ts';
export { refund, type Refund } from './ledger/refund.ts';
export type { Generation, UsageJournal } from './usage/generation.ts';
export { findPeriod, type UsagePeriod } from './usage/count-usage.ts';
export {
  NO_USAGE,
  summarizeUsage,
  type UsageGroup,
  type UsageSummary,
  type UsageTotals,
} from './usage/summarize-usage.ts';
export { downloadInvoice, type InvoiceFile } from './invoices/download-invoice.ts';
export type { Invoice, InvoiceLine, InvoiceSummary } from './invoices/invoice.ts';
export { issueAllInvoices } from './invoices/issue-invoices.ts';
export { listInvoices, retrieveInvoice } from './invoices/list-invoices.ts';
export { createQueue, type InvoiceServices } from './invoices/services.ts';
export { chargeTopUp } from './payments/auto-top-up/charge.ts';
export { requestAutoTopUps, requestDueAutoTopUps } from './payments/auto-top-up/request.ts';
export {
  readAutoTopUp,
  updateAutoTopUp,
  type AutoTopUp,
  type AutoTopUpState,
} from './payments/auto-top-up/settings.ts';
export { checkPayments } from './payments/check-payments.ts';
export { followEvent } from './payments/follow-event.ts';
export { openCheckout } from './payments/open-checkout.ts';
export { openStripe } from './payments/open-stripe.ts';
export type { PaymentProvider } from './payments/provider.ts';
export { receiveEvent } from './payments/receive-event.ts';
export type { PaymentMetrics, PaymentServices } from './payments/services.ts';
export { openUsageJournal, type OpenUsageJournal } from './usage/usage-journal.ts';
