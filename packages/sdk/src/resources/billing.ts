import type { RequestOptions } from '../transport.ts';
import type { Answering } from './answering.ts';
import type { Calls } from './calls.ts';
import type { Listing, PageParams } from './listing.ts';

/** What is in the wallet. Amounts are decimal text: a float would lose digits. */
export interface Balance {
  /** Below zero when requests cost more than was there. */
  balance_usd: string;
  /** Set aside for requests that are still running. */
  held_usd: string;
  /** What requests may still cost. */
  available_usd: string;
  currency: 'USD';
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

/** What the wallet has gained or paid. It never changes; a correction is an entry of its own. */
export interface LedgerEntry {
  transfer_id: string;
  kind: 'start_credit' | 'usage' | 'credit' | 'adjustment' | 'refund';
  /** Below zero: what was paid. */
  amount_usd: string;
  /** Of the wallet, after it. */
  balance_usd: string;
  /** What was paid for, or given back. */
  generation_id: string | null;
  /** Of what a person has booked. */
  reason: string | null;
  /** RFC 3339. */
  created_at: string;
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
}
