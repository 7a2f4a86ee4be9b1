import { z } from 'zod';
import { BODY_REFUSALS, endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { decimalText, id, usd } from './values.ts';

/** A million dollars: more is a slip of the keyboard. */
const modestUsd = () =>
  decimalText(
    /^\d{1,6}(\.\d{1,9})?$/,
    'must be an amount of US dollars below a million in decimal text, e.g. "12.50"',
  )
    .describe('US dollars, decimal text.')
    .meta({ examples: ['12.50'] });

const AMOUNT = /^\d{1,6}(\.\d{1,2})?$/;
const CHARGED = 'must be US dollars with at most two decimals, such as 20 or "20.50"';

/** As a JSON number it is read as the text that it is written in, digit by digit. */
const chargedUsd = z
  .union([decimalText(AMOUNT, CHARGED), z.number().positive(CHARGED)], CHARGED)
  .transform(String)
  .pipe(decimalText(AMOUNT, CHARGED))
  .describe('US dollars with at most two decimals. The one amount that may also be a JSON number.')
  .meta({ examples: [20, '20.50'] });

const returnUrl = z
  .union(
    [
      z.url({ protocol: /^https$/ }),
      z.url({ protocol: /^http$/, hostname: /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/ }),
    ],
    { error: 'must be an https URL, or an http URL of a loopback address' },
  )
  .refine((url) => url.length <= 2_000, 'must be at most 2000 characters')
  .meta({ examples: ['https://your-app.com/billing'] });

export const NewCheckout = z.strictObject({
  amount_usd: chargedUsd,
  idempotency_key: z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
    .describe(
      'Any text of the caller’s, such as topup-2026-04-27-001. Sent again with the same fields, it gets the same page and never charges twice.',
    ),
  success_url: returnUrl.optional().describe('Where the payer is sent afterwards.'),
  cancel_url: returnUrl.optional().describe('Where a payer is sent who changes their mind.'),
  save_payment_method: z
    .boolean()
    .default(false)
    .describe('`true` keeps the card for automatic top-ups.'),
});

export type NewCheckout = z.output<typeof NewCheckout>;

export const Checkout = z.object({
  checkout_url: z.url().describe('The page to pay on. It is valid for a day.'),
  checkout_id: id('top'),
});

export type Checkout = z.output<typeof Checkout>;

const common = { tag: 'billing', caller: 'member', action: 'billing.manage' } as const;

export const createCheckout = endpoint({
  ...common,
  method: 'POST',
  path: '/v1/billing/checkout',
  summary: 'Top up the wallet',
  description:
    'Opens a page of Stripe to pay on. The wallet is credited when Stripe has the money.',
  request: { body: { 'application/json': NewCheckout }, exactNumbers: ['amount_usd'] },
  answers: { 200: { description: 'The page.', content: { 'application/json': Checkout } } },
  refusals: [
    ...MEMBER_REFUSALS,
    ...BODY_REFUSALS,
    'conflict',
    'idempotency_conflict',
    'payments_not_configured',
    'payment_provider_error',
  ],
});

export const AutoTopUp = z.object({
  enabled: z.boolean(),
  threshold_usd: usd().nullable().describe('Null: it was never set up.'),
  amount_usd: usd().nullable(),
  monthly_limit_usd: usd().nullable().describe('Null: no limit.'),
  payment_method: z
    .string()
    .nullable()
    .describe('What is charged, such as `visa 4242`. Null: nothing was saved.'),
  disabled_reason: z
    .enum(['declined', 'disputed'])
    .nullable()
    .describe('Why it was switched off by itself.'),
});

export type AutoTopUp = z.output<typeof AutoTopUp>;

/** Of the balance. */
export const AutoTopUpSummary = AutoTopUp.pick({ enabled: true }).extend({
  threshold_usd: usd(),
  amount_usd: usd(),
  monthly_limit_usd: usd().nullable(),
});

export type AutoTopUpSummary = z.output<typeof AutoTopUpSummary>;

export const AutoTopUpChange = z.strictObject({
  enabled: z.boolean(),
  threshold_usd: modestUsd().describe('Top up as soon as less than this is available.'),
  amount_usd: modestUsd().describe('How much each time, in whole cents.'),
  monthly_limit_usd: modestUsd()
    .nullable()
    .optional()
    .describe(
      'How much at most in a calendar month of the organization’s time zone. Without it: no limit.',
    ),
});

export type AutoTopUpChange = z.output<typeof AutoTopUpChange>;

const autoTopUpAnswers = {
  200: { description: 'As it is now.', content: { 'application/json': AutoTopUp } },
} as const;

export const readAutoTopUp = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/auto-top-up',
  summary: 'Read when the wallet is topped up by itself',
  answers: autoTopUpAnswers,
  refusals: MEMBER_REFUSALS,
});

export const updateAutoTopUp = endpoint({
  ...common,
  method: 'PUT',
  path: '/v1/billing/auto-top-up',
  summary: 'Set when the wallet is topped up by itself',
  description:
    'Needs a saved card: top up once with `save_payment_method`. After three declines in a row, or one that is final, it is ' +
    'switched off and the owner and admins get a mail.',
  request: { body: { 'application/json': AutoTopUpChange } },
  answers: autoTopUpAnswers,
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS, 'conflict', 'payments_not_configured'],
});

export const StripeEvent = z
  .record(z.string(), z.unknown())
  .describe('An event as Stripe sends it.')
  .meta({ examples: [{ id: 'evt_1', object: 'event', type: 'checkout.session.completed' }] });

export const StripeEventReceipt = z.object({ received: z.literal(true) });

export const receiveStripeEvent = endpoint({
  method: 'POST',
  path: '/v1/billing/stripe/webhook',
  tag: 'service',
  summary: 'Take an event of Stripe',
  description:
    'For Stripe only. What is not signed by Stripe, or was signed more than five minutes ago, changes nothing.',
  caller: 'anyone',
  request: {
    headers: z.object({
      'Stripe-Signature': z.string().optional().describe('Time and signature of the body.'),
    }),
    body: { 'application/json': StripeEvent },
    maxBodyBytes: 256 * 1024,
  },
  answers: {
    200: { description: 'It was taken down.', content: { 'application/json': StripeEventReceipt } },
  },
  refusals: [...BODY_REFUSALS, 'service_unavailable', 'internal'],
});
