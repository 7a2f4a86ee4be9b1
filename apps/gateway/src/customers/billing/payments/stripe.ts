import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { Agent as PlainAgent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import Stripe from 'stripe';
import type { Secret } from '../../../platform/secret.ts';
import type {
  CheckoutOrder,
  Decline,
  PaymentProvider,
  ProviderCheckout,
  ProviderDispute,
  ProviderEvent,
  ProviderMoney,
  ProviderPayment,
  ProviderRefund,
  SavedPaymentMethod,
} from './provider.ts';

export interface StripeSettings {
  readonly secretKey: Secret;
  readonly webhookSecret: Secret;
  /** `undefined`: Stripe's own. */
  readonly apiUrl: string | undefined;
}

const TIMEOUT_MS = 10_000;
/** After the first try. With the pauses between, a call is over after some 35 seconds. */
const MAX_RETRIES = 2;
const TOLERANCE_SECONDS = 300;
const PAGE = 100;
/** Of one payment; more is no payment of ours. */
const MAX_LISTED = 1_000;
/** autoPagingToArray takes no more. */
const MAX_LISTED_EVENTS = 10_000;

/** The only file that knows Stripe's package and its cents. */
export function createStripe(settings: StripeSettings): PaymentProvider {
  const { httpAgent, ...address } = addressOf(settings.apiUrl);
  const stripe = new Stripe(settings.secretKey.reveal(), {
    ...address,
    httpAgent,
    timeout: TIMEOUT_MS,
    maxNetworkRetries: MAX_RETRIES,
    telemetry: false,
  });
  return {
    createCustomer: async (organizationId) => {
      const customer = await stripe.customers.create(
        {
          description: `Sealgate ${organizationId}`,
          metadata: { organization_id: organizationId },
        },
        { idempotencyKey: `sealgate-customer-${organizationId}` },
      );
      return customer.id;
    },
    openCheckout: async (order) => {
      const idempotencyKey = `sealgate-checkout-${order.topUpId}`;
      return checkoutOf(await stripe.checkout.sessions.create(paramsOf(order), { idempotencyKey }));
    },
    readCheckout: async (id) => checkoutOf(await stripe.checkout.sessions.retrieve(id)),
    chargeSavedMethod: async (order) => {
      try {
        const { id } = await stripe.paymentIntents.create(
          {
            amount: centsOf(order.amountNano),
            currency: 'usd',
            customer: order.customerId,
            payment_method: order.paymentMethodId,
            confirm: true,
            off_session: true,
            description: DESCRIPTION,
            metadata: marksOf(order),
          },
          { idempotencyKey: `sealgate-charge-${order.topUpId}` },
        );
        return { kind: 'made', paymentId: id };
      } catch (error) {
        return refusedCharge(error);
      }
    },
    readPayment: (id) => readPayment(stripe, id),
    findPayment: async ({ topUpId, customerId, since }) => {
      const payments = await stripe.paymentIntents
        .list({ customer: customerId, created: { gte: secondsOf(since) }, limit: PAGE })
        .autoPagingToArray({ limit: MAX_LISTED });
      return payments.find(({ metadata }) => metadata['top_up_id'] === topUpId)?.id;
    },
    readEvent: (body, signature, nowMs) => {
      const secret = settings.webhookSecret.reveal();
      try {
        const text = Buffer.from(body);
        return eventOf(
          stripe.webhooks.constructEvent(
            text,
            signature,
            secret,
            TOLERANCE_SECONDS,
            undefined,
            nowMs,
          ),
        );
      } catch {
        return 'unsigned';
      }
    },
    listEvents: async (since) => {
      const events = await stripe.events
        .list({ created: { gte: secondsOf(since) }, types: EVENT_TYPES, limit: PAGE })
        .autoPagingToArray({ limit: MAX_LISTED_EVENTS });
      return events.map(eventOf).filter((event) => event !== 'not-ours');
    },
    close: () => httpAgent.destroy(),
  };
}

/** What docs/operations.md tells to send here. */
const EVENT_TYPES = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
];

/** Sockets of our own, so that closing can end them. */
function addressOf(apiUrl: string | undefined) {
  if (apiUrl === undefined) return { httpAgent: new SecureAgent({ keepAlive: true }) };
  const { protocol, hostname: host, port } = new URL(apiUrl);
  const isPlain = protocol === 'http:';
  return {
    host,
    port: port === '' ? (isPlain ? 80 : 443) : port,
    protocol: isPlain ? ('http' as const) : ('https' as const),
    httpAgent: isPlain ? new PlainAgent({ keepAlive: true }) : new SecureAgent({ keepAlive: true }),
  };
}

const DESCRIPTION = 'Top-up of a Sealgate wallet';

const marksOf = (order: { readonly topUpId: string; readonly organizationId: string }) => ({
  top_up_id: order.topUpId,
  organization_id: order.organizationId,
});

/** The same order always gives the same call: Stripe refuses to repeat one with other content. */
function paramsOf(order: CheckoutOrder): Stripe.Checkout.SessionCreateParams {
  const metadata = marksOf(order);
  return {
    mode: 'payment',
    customer: order.customerId,
    client_reference_id: order.topUpId,
    metadata,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: 'usd',
          unit_amount: centsOf(order.amountNano),
          product_data: { name: DESCRIPTION },
        },
      },
    ],
    payment_intent_data: {
      description: DESCRIPTION,
      metadata,
      ...(order.savesPaymentMethod && { setup_future_usage: 'off_session' }),
    },
    // Wallets are kept in dollars, and what is paid must be what was asked for.
    adaptive_pricing: { enabled: false },
    success_url: order.successUrl,
    cancel_url: order.cancelUrl,
  };
}

function checkoutOf(session: Stripe.Checkout.Session): ProviderCheckout {
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

async function readPayment(stripe: Stripe, id: string): Promise<ProviderPayment> {
  const ofPayment = { payment_intent: id, limit: PAGE };
  const payment = await stripe.paymentIntents.retrieve(id, { expand: ['payment_method'] });
  // Afterwards: whatever has happened to a payment, it was there before.
  const [refunds, disputes] = await Promise.all([
    stripe.refunds.list(ofPayment).autoPagingToArray({ limit: MAX_LISTED }),
    stripe.disputes.list(ofPayment).autoPagingToArray({ limit: MAX_LISTED }),
  ]);
  return {
    id: payment.id,
    state: PAYMENT_STATES[payment.status] ?? 'open',
    received: moneyOf(payment.amount_received, payment.currency),
    customerId: idOf(payment.customer),
    topUpId: payment.metadata['top_up_id'],
    organizationId: payment.metadata['organization_id'],
    paymentMethod: paymentMethodOf(payment.payment_method),
    decline: payment.last_payment_error ? declineOf(payment.last_payment_error) : undefined,
    // Stripe lists the latest first.
    refunds: refunds.map(refundOf).toReversed(),
    disputes: disputes.map(disputeOf).toReversed(),
  };
}

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

function refusedCharge(error: unknown) {
  const isRefused =
    error instanceof Stripe.errors.StripeCardError ||
    error instanceof Stripe.errors.StripeInvalidRequestError;
  if (!isRefused) throw error;
  const { payment_intent: payment } = error;
  return payment === undefined
    ? ({ kind: 'declined', decline: declineOf(error) } as const)
    : ({ kind: 'made', paymentId: payment.id } as const);
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

function declineOf(error: {
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

function eventOf({ id, type, data }: Stripe.Event): ProviderEvent | 'not-ours' {
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
function centsOf(amount: NanoUsd): number {
  if (amount % NANO_PER_CENT !== 0n) throw new Error('impossible: a fraction of a cent to charge');
  // oxlint-disable-next-line no-restricted-globals
  return Number(amount / NANO_PER_CENT);
}

// oxlint-disable-next-line no-restricted-globals
const secondsOf = (date: Date): number => Math.floor(date.getTime() / 1000);
