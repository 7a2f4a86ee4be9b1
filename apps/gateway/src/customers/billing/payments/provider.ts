import type { NanoUsd } from '@sealgate/contract';

/** An amount in a currency's hundredths; it is dollars only if the currency is `usd`. */
export interface ProviderMoney {
  readonly currency: string;
  readonly amountNano: NanoUsd;
}

export interface ProviderRefund extends ProviderMoney {
  readonly id: string;
  /** It has not failed, and nobody has taken it back. */
  readonly isStanding: boolean;
}

export interface ProviderDispute {
  readonly id: string;
  /** What the bank has taken; nothing for a mere question. */
  readonly withdrawn: ProviderMoney | undefined;
  /** What it has given back, for the dispute was won. */
  readonly reinstated: ProviderMoney | undefined;
}

export interface SavedPaymentMethod {
  readonly id: string;
  /** For people, such as `visa 4242`. */
  readonly name: string;
}

/** Why a payment did not come about. */
export interface Decline {
  readonly code: string;
  /** Another try cannot help. */
  readonly isFinal: boolean;
}

/** Everything that has become of a payment. */
export interface ProviderPayment {
  readonly id: string;
  readonly state: 'open' | 'processing' | 'succeeded' | 'failed';
  readonly received: ProviderMoney;
  readonly customerId: string | undefined;
  /** As we wrote them on it. */
  readonly topUpId: string | undefined;
  readonly organizationId: string | undefined;
  readonly paymentMethod: SavedPaymentMethod | undefined;
  readonly decline: Decline | undefined;
  readonly refunds: readonly ProviderRefund[];
  readonly disputes: readonly ProviderDispute[];
}

/** A page to pay on. */
export interface ProviderCheckout {
  readonly id: string;
  readonly url: string | undefined;
  /** `processing`: it was filled in, and the bank takes its time. */
  readonly state: 'open' | 'processing' | 'paid' | 'expired';
  readonly total: ProviderMoney;
  readonly customerId: string | undefined;
  /** As we wrote them on it. */
  readonly topUpId: string | undefined;
  readonly organizationId: string | undefined;
  readonly paymentId: string | undefined;
}

/** Says only that something has happened, and to what. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  readonly checkoutId: string | undefined;
  readonly paymentId: string | undefined;
  readonly topUpId: string | undefined;
}

export interface CheckoutOrder {
  readonly topUpId: string;
  readonly organizationId: string;
  readonly customerId: string;
  readonly amountNano: NanoUsd;
  readonly savesPaymentMethod: boolean;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

export interface ChargeOrder {
  readonly topUpId: string;
  readonly organizationId: string;
  readonly customerId: string;
  readonly paymentMethodId: string;
  readonly amountNano: NanoUsd;
}

export type ChargeOutcome =
  | { readonly kind: 'made'; readonly paymentId: string }
  /** There is not even a payment. */
  | { readonly kind: 'declined'; readonly decline: Decline };

/**
 * What we ask of Stripe. Every call that changes something there is named after what it is for: repeated, also after a crash,
 * it changes nothing more.
 */
export interface PaymentProvider {
  /** `instead`: the customer that somebody has deleted there. */
  createCustomer(organizationId: string, instead?: string): Promise<string>;
  openCheckout(order: CheckoutOrder): Promise<ProviderCheckout | 'customer-gone'>;
  readCheckout(id: string): Promise<ProviderCheckout>;
  chargeSavedMethod(order: ChargeOrder): Promise<ChargeOutcome>;
  readPayment(id: string): Promise<ProviderPayment>;
  /** The payment made for a top-up, when its id was lost. */
  findPayment(topUp: {
    readonly topUpId: string;
    readonly customerId: string;
    readonly since: Date;
  }): Promise<string | undefined>;
  /** What is ours of a signed event; `unsigned` for anything else, and for one that was signed long ago. */
  readEvent(
    body: Uint8Array,
    signature: string,
    nowMs: number,
  ): ProviderEvent | 'unsigned' | 'not-ours';
  /** Those that are ours, since then. */
  listEvents(since: Date): Promise<readonly ProviderEvent[]>;
  close(): void;
}
