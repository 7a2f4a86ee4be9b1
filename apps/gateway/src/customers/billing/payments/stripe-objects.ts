import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import type Stripe from 'stripe';
import type {
  Decline,
  ProviderCheckout,
  ProviderDispute,
  ProviderEvent,
  ProviderMoney,
  ProviderPayment,
  ProviderRefund,
  SavedPaymentMethod,
} from './provider.ts';

/** What Stripe's objects mean here. */

export function checkoutOf(session: Stripe.Checkout.Session): ProviderCheckout {
  return {
    id: session.id,
    url: session.url ?? undefined,
    state: stateOf(session),
    total: moneyOf(session.amount_total ?? 0, session.currency ?? ''),
    customerId: idOf(session.customer),
    topUpId: session.client_reference_id ?? undefined,
    organizationId: session.metadata?.['organization_id'],
    paymentId: idOf(session.payment_intent),
  };
}

function stateOf({ status, payment_status }: Stripe.Checkout.Session): ProviderCheckout['state'] {
  if (status === 'expired') return 'expired';
  if (status !== 'complete') return 'open';
  return payment_status === 'paid' ? 'paid' : 'processing';
}

/** A payment with everything that has become of it; Stripe lists the latest first. */
export const paymentOf = (
  payment: Stripe.PaymentIntent,
  refunds: readonly Stripe.Refund[],
  disputes: readonly Stripe.Dispute[],
): ProviderPayment => ({
  id: payment.id,
  state: PAYMENT_STATES[payment.status] ?? 'open',
  received: moneyOf(payment.amount_received, payment.currency),
  customerId: idOf(payment.customer),
  topUpId: payment.metadata['top_up_id'],
  organizationId: payment.metadata['organization_id'],
  paymentMethod: paymentMethodOf(payment.payment_method),
  decline: payment.last_payment_error ? declineOf(payment.last_payment_error) : undefined,
  refunds: refunds.map(refundOf).toReversed(),
  disputes: disputes.map(disputeOf).toReversed(),
});

/** Without anybody there, a payment that waits for its payer has failed. */
const PAYMENT_STATES: Readonly<Record<string, ProviderPayment['state']>> = {
  processing: 'processing',
  succeeded: 'succeeded',
  canceled: 'failed',
  requires_payment_method: 'failed',
  requires_action: 'failed',
};

function paymentMethodOf(
  method: string | Stripe.PaymentMethod | null,
): SavedPaymentMethod | undefined {
  if (method === null || typeof method === 'string') return undefined;
  const { card, type, id } = method;
  return { id, name: card ? `${card.brand} ${card.last4}` : type };
}

const refundOf = (refund: Stripe.Refund): ProviderRefund => ({
  ...moneyOf(refund.amount, refund.currency),
  id: refund.id,
  isStanding: refund.status !== 'failed' && refund.status !== 'canceled',
});

/** Stripe books what a bank takes and gives back in the currency of its account, which may be another one. */
function disputeOf(dispute: Stripe.Dispute): ProviderDispute {
  const moved = (isThis: (amount: number) => boolean): ProviderMoney | undefined => {
    const booked = dispute.balance_transactions.find(({ amount }) => isThis(amount));
    if (booked === undefined) return undefined;
    const isSame = booked.currency === dispute.currency;
    const amount = isSame ? booked.amount : dispute.amount;
    return moneyOf(amount < 0 ? -amount : amount, dispute.currency);
  };
  return {
    id: dispute.id,
    withdrawn: moved((amount) => amount < 0),
    reinstated: moved((amount) => amount > 0),
  };
}

/** Whoever is asked to agree, or has lost the card, must come by in person. */
const FINAL_CODES = new Set([
  'authentication_required',
  'expired_card',
  'fraudulent',
  'lost_card',
  'payment_method_customer_decline',
  'pickup_card',
  'resource_missing',
  'restricted_card',
  'stolen_card',
]);

export function declineOf(error: {
  readonly code?: string;
  readonly decline_code?: string;
  readonly advice_code?: string;
}): Decline {
  const codes = [error.decline_code, error.code].filter((code) => code !== undefined);
  return {
    code: codes[0] ?? 'unknown',
    isFinal:
      error.advice_code === 'do_not_try_again' || codes.some((code) => FINAL_CODES.has(code)),
  };
}

/** The things whose events are about a payment. Refunds and disputes do not carry our marks. */
const UNMARKED = new Set(['refund', 'dispute']);
const MARKED = new Set(['checkout.session', 'payment_intent', 'charge']);

export function eventOf({ id, type, data }: Stripe.Event): ProviderEvent | 'not-ours' {
  const thing = data.object as unknown as Readonly<Record<string, unknown>>;
  const kind = textOf(thing['object']) ?? '';
  const marks = (thing['metadata'] ?? {}) as Readonly<Record<string, unknown>>;
  const topUpId = textOf(marks['top_up_id']);
  if (MARKED.has(kind) ? topUpId === undefined : !UNMARKED.has(kind)) return 'not-ours';
  const own = textOf(thing['id']);
  return {
    id,
    type,
    checkoutId: kind === 'checkout.session' ? own : undefined,
    paymentId: kind === 'payment_intent' ? own : textOf(thing['payment_intent']),
    topUpId,
  };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const idOf = (thing: string | { readonly id: string } | null): string | undefined =>
  typeof thing === 'string' ? thing : thing?.id;

const NANO_PER_CENT = 10_000_000n;

const moneyOf = (cents: number, currency: string): ProviderMoney => ({
  currency,
  amountNano: nanoUsd(BigInt(cents) * NANO_PER_CENT),
});

/** A number is what the package takes; the bounds of top-ups keep it far below those that lose digits. */
export function centsOf(amount: NanoUsd): number {
  if (amount % NANO_PER_CENT !== 0n) throw new Error('impossible: a fraction of a cent to charge');
  // oxlint-disable-next-line no-restricted-globals
  return Number(amount / NANO_PER_CENT);
}
