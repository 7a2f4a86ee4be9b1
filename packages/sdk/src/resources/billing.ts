import type { RequestOptions } from '../transport.ts';
import type { Answering } from './answering.ts';
import { at } from './calls.ts';
import type { Calls } from './calls.ts';
import type { Listing, PageParams } from './listing.ts';
import type {
  CheckedProviderKey,
  NewProviderKey,
  ProviderKey,
  ProviderKeyChange,
  ProviderKeyRotation,
  ProviderList,
} from './provider-key.ts';

/** What is in the wallet. Amounts are decimal text: a float would lose digits. */
export interface Balance {
  /** Below zero when requests cost more than was there. */
  balance_usd: string;
  /** Set aside for requests that are still running, and by gateways for the next ones: what those do not use is free again within seconds. */
  held_usd: string;
  /** What requests may still cost. */
  available_usd: string;
  currency: 'USD';
  /** Null: it was never set up. */
  auto_top_up: AutoTopUpSummary | null;
}

/** What some requests used and cost. */
export interface UsageTotals {
  /** Also those that failed and cost nothing. */
  requests: number;
  input_tokens: number;
  output_tokens: number;
  /** Decimal text. */
  cost_usd: string;
}

/** What {@link Billing.usage} sums up. */
export interface UsageParams {
  /** Today and the days before: 1 to 366. Default 7. */
  readonly days?: number | undefined;
  /** What `groups` is about. Default `day`. */
  readonly group_by?: 'day' | 'key' | 'model' | 'member' | undefined;
}

/** The usage of a day. */
export interface UsageDay extends UsageTotals {
  /** In the organization's time zone, e.g. `2026-04-27`. */
  date: string;
}

/** The usage of a day, key, model or member. */
export interface UsageGroup extends UsageTotals {
  /** Null: no model answered, or no member made the key. */
  id: string | null;
  /** Of the key, or the address of the member. */
  name: string | null;
}

/** The usage of some days. */
export interface UsageReport {
  /** The first day, in `time_zone`. */
  from: string;
  /** The last day: today. */
  to: string;
  /** IANA name; where the days of the organization begin. */
  time_zone: string;
  /** Decimal text. */
  total_usd: string;
  requests: number;
  /** Each day, the oldest first. */
  daily: UsageDay[];
  by_tier: Record<'fast' | 'balanced' | 'passthrough' | 'byok', UsageTotals>;
  group_by: 'day' | 'key' | 'model' | 'member';
  /** Days in their order; others from the most expensive on. */
  groups: UsageGroup[];
}

/** Why the wallet gained or paid something. */
export type LedgerKind =
  | 'start_credit'
  | 'usage'
  | 'credit'
  | 'adjustment'
  | 'refund'
  | 'top_up'
  | 'top_up_refund'
  | 'top_up_refund_reversal'
  | 'dispute'
  | 'dispute_reversal'
  | 'plan_fee';

/** What the wallet has gained or paid. It never changes; a correction is an entry of its own. */
export interface LedgerEntry {
  transfer_id: string;
  kind: LedgerKind;
  /** Below zero: what was paid. */
  amount_usd: string;
  /** Of the wallet, after it. */
  balance_usd: string;
  /** What was paid for, or given back. */
  generation_id: string | null;
  /** What was paid in, or taken back: the `checkout_id` of its checkout. */
  top_up_id: string | null;
  /** Of what a person has booked; of a fee, the plan and its month. */
  reason: string | null;
  /** RFC 3339. */
  created_at: string;
}

/** US dollars per million tokens, as decimal text. */
export interface TokenPrice {
  input: string;
  output: string;
  /** Input that the upstream had in its cache. */
  cached_input: string;
  /** Input that the upstream put into its cache. */
  cache_write: string;
  /** The part of the output that nobody reads. */
  reasoning: string;
  /** US dollars for each image, beside its tokens. */
  image: string;
}

/** What an organization can book. */
export interface Plan {
  plan_id: string;
  name: string;
  /** For a calendar month; a part of one costs by the day. */
  monthly_fee_usd: string;
  /** Per cent taken off what a request of each tier costs, as decimal text. */
  discount_percent: Record<'fast' | 'balanced' | 'passthrough' | 'byok', string>;
}

/** What is charged, before a plan's discount. Everything is decimal text. */
export interface PriceList {
  fast: TokenPrice;
  balanced: TokenPrice;
  /** On the list price of a model that is named. */
  passthrough_factor: string;
  /** With a provider key of the organization: a share of the list price, and a fee for each request. */
  byok: { share: string; fee_usd: string };
  /** What an answer from the cache costs of its price. */
  cache_hit_share: string;
}

/** The plan that an organization has. */
export interface BookedPlan {
  plan: Plan;
  /** What follows, from the first moment of a month on. Null: the plan goes on. */
  next: { plan: Plan; from: string } | null;
  /** What was paid for it in this month. Null: it has no fee. */
  fee: { month: string; paid_usd: string } | null;
  prices: PriceList;
}

/** The body of {@link Billing.updatePlan}. */
export interface PlanChange {
  /** The `plan_id` of one of {@link Billing.plans}. */
  readonly plan: string;
}

/** Whether another plan would have saved money in the last 30 days. */
export interface UpgradeHint {
  /** Null: none would have saved as much as one per cent. */
  hint: {
    /** Its `plan_id`. */
    recommend_plan: string;
    /** Whole per cent, rounded down. */
    savings_pct: number;
    /** Decimal text. */
    savings_usd: string;
    reason: string;
  } | null;
}

/** The body of {@link Billing.checkout}. */
export interface NewCheckout {
  /** With at most two decimals. The one amount that may also be a number. */
  readonly amount_usd: number | string;
  /** Any text, such as `topup-2026-04-27-001`. The same text with the same fields never charges twice. */
  readonly idempotency_key: string;
  /** Where the payer is sent afterwards: https, or a loopback address. */
  readonly success_url?: string | undefined;
  /** Where a payer is sent who changes their mind. */
  readonly cancel_url?: string | undefined;
  /** `true` keeps the card for automatic top-ups. Default `false`. */
  readonly save_payment_method?: boolean | undefined;
}

/** A page to pay on. */
export interface Checkout {
  /** Valid for a day. */
  checkout_url: string;
  checkout_id: string;
}

/** When the wallet is topped up by itself. */
export interface AutoTopUpSummary {
  enabled: boolean;
  threshold_usd: string;
  amount_usd: string;
  /** Null: no limit. */
  monthly_limit_usd: string | null;
}

/** The same, and what is behind it. Amounts are null until it is set up. */
export interface AutoTopUp {
  enabled: boolean;
  threshold_usd: string | null;
  amount_usd: string | null;
  /** Null: no limit. */
  monthly_limit_usd: string | null;
  /** What is charged, such as `visa 4242`. Null: nothing was saved. */
  payment_method: string | null;
  /** Why it was switched off by itself. */
  disabled_reason: 'declined' | 'disputed' | null;
}

/** The body of {@link Billing.updateAutoTopUp}. Amounts are decimal text. */
export interface AutoTopUpChange {
  readonly enabled: boolean;
  /** Top up as soon as less than this is available. */
  readonly threshold_usd: string;
  /** How much each time, in whole cents. */
  readonly amount_usd: string;
  /** How much at most in a calendar month. Without it: no limit. */
  readonly monthly_limit_usd?: string | null | undefined;
}

/** What the ledger says of one month. It never changes. */
export interface InvoiceSummary {
  invoice_id: string;
  /** Without gaps over all invoices of the server, e.g. `INV-000042`. */
  number: string;
  /** E.g. `2026-04`, in `time_zone`. */
  month: string;
  /** IANA name; where the month begins and ends. */
  time_zone: string;
  /** When the month began. */
  opening_balance_usd: string;
  /** When it ended: the opening balance and all lines. */
  closing_balance_usd: string;
  currency: 'USD';
  /** RFC 3339. */
  issued_at: string;
}

/** What was moved for one reason; usage by tier and model. */
export interface InvoiceLine {
  kind: LedgerKind;
  /** Of usage. */
  tier: 'fast' | 'balanced' | 'passthrough' | 'byok' | null;
  /** Of usage. Null: the smallest of very many models, in one line. */
  model: string | null;
  /** How many requests, payments or bookings. */
  entries: number;
  input_tokens: number;
  output_tokens: number;
  /** Below zero: what was paid. */
  amount_usd: string;
}

/** An invoice with its lines. */
export interface Invoice extends InvoiceSummary {
  /** RFC 3339. */
  began_at: string;
  /** RFC 3339. */
  ended_at: string;
  /** The organization's name when it was issued. */
  recipient: string;
  /** Who issued it. */
  operator: { name: string; address: string[] };
  lines: InvoiceLine[];
}

/** `client.billing`. */
export class Billing {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** What is in the wallet. */
  balance(options?: RequestOptions): Answering<Balance> {
    return this.#calls.get('/billing/balance', options);
  }

  /** What was used on the last days and what it cost, by day, by tier and as `group_by` says. */
  usage(params: UsageParams = {}, options?: RequestOptions): Answering<UsageReport> {
    return this.#calls.get('/billing/usage', options, params);
  }

  /** What the wallet has gained and paid, the latest first. For owners and admins. */
  ledger(page: PageParams = {}, options?: RequestOptions): Listing<LedgerEntry> {
    return this.#calls.list('/billing/ledger', page, options);
  }

  /** Which plan is booked, and what is charged. */
  getPlan(options?: RequestOptions): Answering<BookedPlan> {
    return this.#calls.get('/billing/plan', options);
  }

  /**
   * Books a plan. One that costs no less begins at once, and the rest of the month is paid for from the wallet; a cheaper one
   * begins with the next month. For owners and admins.
   */
  updatePlan(change: PlanChange, options?: RequestOptions): Answering<BookedPlan> {
    return this.#calls.put('/billing/plan', change, options);
  }

  /** The plans that can be booked. */
  plans(options?: RequestOptions): Listing<Plan> {
    return this.#calls.list('/billing/plans', {}, options);
  }

  /** Whether another plan would have saved money in the last 30 days. */
  upgradeHint(options?: RequestOptions): Answering<UpgradeHint> {
    return this.#calls.get('/billing/upgrade-hint', options);
  }

  /** Opens a page of Stripe on which the wallet can be topped up. For owners and admins. */
  checkout(checkout: NewCheckout, options?: RequestOptions): Answering<Checkout> {
    return this.#calls.post('/billing/checkout', checkout, options);
  }

  /** When the wallet is topped up by itself. For owners and admins. */
  autoTopUp(options?: RequestOptions): Answering<AutoTopUp> {
    return this.#calls.get('/billing/auto-top-up', options);
  }

  /** Sets when the wallet is topped up by itself. Needs a card that a checkout has saved. */
  updateAutoTopUp(settings: AutoTopUpChange, options?: RequestOptions): Answering<AutoTopUp> {
    return this.#calls.put('/billing/auto-top-up', settings, options);
  }

  /** The invoices, the latest first: one for each month that is over and in which something was booked. */
  invoices(page: PageParams = {}, options?: RequestOptions): Listing<InvoiceSummary> {
    return this.#calls.list('/billing/invoices', page, options);
  }

  /** An invoice with its lines. */
  getInvoice(invoiceId: string, options?: RequestOptions): Answering<Invoice> {
    return this.#calls.get(at`/billing/invoices/${invoiceId}`, options);
  }

  /** An invoice as a PDF file. */
  downloadInvoice(invoiceId: string, options?: RequestOptions): Answering<Uint8Array> {
    return this.#calls.bytes(at`/billing/invoices/${invoiceId}.pdf`, options);
  }

  /** The providers for which the organization may bring keys of its own. For owners and admins, as all that follows. */
  providers(options?: RequestOptions): Answering<ProviderList> {
    return this.#calls.get('/billing/providers', options);
  }

  /** The organization's own provider keys, the newest first; never the keys themselves. */
  providerKeys(page: PageParams = {}, options?: RequestOptions): Listing<ProviderKey> {
    return this.#calls.list('/billing/provider-keys', page, options);
  }

  /** Brings a key: from then on requests for this provider's models go with it, charged by the tier `byok`. */
  createProviderKey(key: NewProviderKey, options?: RequestOptions): Answering<CheckedProviderKey> {
    return this.#calls.post('/billing/provider-keys', key, options);
  }

  /** Changes what is named. */
  updateProviderKey(
    providerKeyId: string,
    change: ProviderKeyChange,
    options?: RequestOptions,
  ): Answering<ProviderKey> {
    return this.#calls.patch(at`/billing/provider-keys/${providerKeyId}`, change, options);
  }

  /** Puts another key in its place. */
  rotateProviderKey(
    providerKeyId: string,
    rotation: ProviderKeyRotation,
    options?: RequestOptions,
  ): Answering<CheckedProviderKey> {
    return this.#calls.post(at`/billing/provider-keys/${providerKeyId}/rotate`, rotation, options);
  }

  /** Asks the provider again whether it takes the key, and which models it has. */
  checkProviderKey(providerKeyId: string, options?: RequestOptions): Answering<CheckedProviderKey> {
    return this.#calls.post(at`/billing/provider-keys/${providerKeyId}/check`, undefined, options);
  }

  /** Deletes it. Requests go with the operator's key again, where there is one. */
  deleteProviderKey(providerKeyId: string, options?: RequestOptions): Answering<void> {
    return this.#calls.order('DELETE', at`/billing/provider-keys/${providerKeyId}`, options);
  }
}
