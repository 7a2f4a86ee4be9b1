import { Agent as PlainAgent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import Stripe from 'stripe';
import type { Secret } from '../../../platform/secret.ts';
import type {
  ChargeOrder,
  ChargeOutcome,
  CheckoutOrder,
  PaymentProvider,
  ProviderCheckout,
  ProviderEvent,
  ProviderPayment,
} from './provider.ts';
import { centsOf, checkoutOf, declineOf, eventOf, paymentOf } from './stripe-objects.ts';

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

/** The only file that talks to Stripe. */
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
    createCustomer: async (organizationId, instead = 'none') => {
      const customer = await stripe.customers.create(
        {
          description: `Sealgate ${organizationId}`,
          metadata: { organization_id: organizationId },
        },
        { idempotencyKey: `sealgate-customer-${organizationId}-${instead}` },
      );
      return customer.id;
    },
    openCheckout: (order) => openCheckout(stripe, order),
    readCheckout: async (id) => checkoutOf(await stripe.checkout.sessions.retrieve(id)),
    chargeSavedMethod: (order) => charge(stripe, order),
    readPayment: (id) => readPayment(stripe, id),
    findPayment: async ({ topUpId, customerId, since }) => {
      const payments = await stripe.paymentIntents
        .list({ customer: customerId, created: { gte: secondsOf(since) }, limit: PAGE })
        .autoPagingToArray({ limit: MAX_LISTED });
      return payments.find(({ metadata }) => metadata['top_up_id'] === topUpId)?.id;
    },
    readEvent: (body, signature, nowMs) =>
      readEvent(stripe, settings.webhookSecret, { body, signature, nowMs }),
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

function readEvent(
  stripe: Stripe,
  secret: Secret,
  signed: { readonly body: Uint8Array; readonly signature: string; readonly nowMs: number },
): ProviderEvent | 'unsigned' | 'not-ours' {
  const { webhooks } = stripe;
  const body = Buffer.from(signed.body);
  const { signature, nowMs } = signed;
  try {
    return eventOf(
      webhooks.constructEvent(
        body,
        signature,
        secret.reveal(),
        TOLERANCE_SECONDS,
        undefined,
        nowMs,
      ),
    );
  } catch {
    return 'unsigned';
  }
}

async function readPayment(stripe: Stripe, id: string): Promise<ProviderPayment> {
  const ofPayment = { payment_intent: id, limit: PAGE };
  const payment = await stripe.paymentIntents.retrieve(id, { expand: ['payment_method'] });
  // Afterwards: whatever has happened to a payment, it was there before.
  const [refunds, disputes] = await Promise.all([
    stripe.refunds.list(ofPayment).autoPagingToArray({ limit: MAX_LISTED }),
    stripe.disputes.list(ofPayment).autoPagingToArray({ limit: MAX_LISTED }),
  ]);
  return paymentOf(payment, refunds, disputes);
}

async function openCheckout(
  stripe: Stripe,
  order: CheckoutOrder,
): Promise<ProviderCheckout | 'customer-gone'> {
  const idempotencyKey = `sealgate-checkout-${order.topUpId}-${order.customerId}`;
  try {
    return checkoutOf(await stripe.checkout.sessions.create(paramsOf(order), { idempotencyKey }));
  } catch (error) {
    const { code, param } = error instanceof Stripe.errors.StripeInvalidRequestError ? error : {};
    if (code === 'resource_missing' && param === 'customer') return 'customer-gone';
    throw error;
  }
}

async function charge(stripe: Stripe, order: ChargeOrder): Promise<ChargeOutcome> {
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
}

function refusedCharge(error: unknown): ChargeOutcome {
  const isRefused =
    error instanceof Stripe.errors.StripeCardError ||
    error instanceof Stripe.errors.StripeInvalidRequestError;
  if (!isRefused) throw error;
  const { payment_intent: payment } = error;
  return payment === undefined
    ? { kind: 'declined', decline: declineOf(error) }
    : { kind: 'made', paymentId: payment.id };
}

// oxlint-disable-next-line no-restricted-globals
const secondsOf = (date: Date): number => Math.floor(date.getTime() / 1000);
