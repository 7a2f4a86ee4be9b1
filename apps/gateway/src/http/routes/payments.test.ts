import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  startFakeStripe,
  signStripe,
  STRIPE_SECRETS,
  type FakeEvent,
  type FakeStripe,
} from '../../../../../e2e/fakes/stripe.ts';
import {
  followEvent,
  openStripe,
  reconcile,
  type PaymentProvider,
} from '../../customers/billing/index.ts';
import { testPayments, type TestPayments } from '../../customers/billing/testing.ts';
import {
  auditLog,
  ledgerEntries,
  memberships,
  stripeEvents,
  topUpMovements,
  topUps,
  wallets,
} from '../../platform/db/index.ts';
import { IDLE_JOBS, runDueJobs } from '../../platform/jobs/testing.ts';
import { Secret } from '../../platform/secret.ts';
import {
  createTestPlatform,
  type TestAnswer,
  type TestPerson,
  type TestPlatform,
} from '../testing.ts';

let stripe: FakeStripe;
let provider: PaymentProvider;
let payments: TestPayments;
let platform: TestPlatform;
let ada: TestPerson;
let eve: TestPerson;
beforeAll(async () => {
  stripe = await startFakeStripe();
  provider = await openStripe({
    secretKey: new Secret(STRIPE_SECRETS.secretKey),
    webhookSecret: new Secret(STRIPE_SECRETS.webhookSecret),
    apiUrl: stripe.url,
  });
  payments = testPayments(provider);
  platform = await createTestPlatform({ changes: { payments } });
  ada = await platform.signUp('ada');
  eve = await platform.signUp('eve');
});
afterAll(async () => {
  await platform.close();
  provider.close();
  await stripe.close();
});
beforeEach(() => {
  payments.counted.length = 0;
  payments.errors.length = 0;
});

let keys = 0;
const newKey = (): string => `topup-${(keys += 1)}`;
const checkout = (as: string, body: object = {}): Promise<TestAnswer> =>
  platform.call('POST /v1/billing/checkout', {
    as,
    body: { amount_usd: 20, idempotency_key: newKey(), ...body },
  });

const send = (event: object, changes: { nowMs?: number; secret?: string } = {}) => {
  const text = JSON.stringify(event);
  const signature = signStripe(text, changes.nowMs ?? platform.time.nowMs, changes.secret);
  return platform.call('POST /v1/billing/stripe/webhook', {
    text,
    headers: { 'stripe-signature': signature },
  });
};
const system = () => ({ ...platform.ctx, actor: { kind: 'system' } as const });
const work = (): Promise<void> =>
  runDueJobs({
    database: platform.database,
    jobs: {
      ...IDLE_JOBS,
      'follow-payment-event': ({ eventId }) => followEvent(system(), payments, eventId),
    },
  });
/** Every event so far arrives, and is followed. */
async function deliver(events: readonly FakeEvent[] = stripe.events.splice(0)): Promise<void> {
  for (const event of events) expect((await send(event)).status).toBe(200);
  await work();
}

/** A new person and the id of Stripe's session for a top-up of theirs, not yet paid. */
async function withCheckout(name: string, body: object = {}) {
  const person = await platform.signUp(name);
  const { body: answer } = await checkout(person.token, body);
  const [row] = await platform.database.admin
    .select()
    .from(topUps)
    .where(eq(topUps.id, answer.checkout_id));
  return { person, topUpId: String(answer.checkout_id), sessionId: row?.checkoutId ?? '' };
}

const balance = async ({ token }: TestPerson): Promise<string> =>
  (await platform.call('GET /v1/billing/balance', { as: token })).body.balance_usd;
const ledger = async ({ token }: TestPerson) =>
  (await platform.call('GET /v1/billing/ledger', { as: token })).body.data.map(
    (entry: { kind: string; amount_usd: string }) => `${entry.kind} ${entry.amount_usd}`,
  );

describe('a checkout', () => {
  test('opens a page of Stripe for exactly what was asked, and writes it down', async () => {
    const { status, body } = await checkout(ada.token, {
      amount_usd: '20.10',
      success_url: 'https://app.example/ok',
      cancel_url: 'http://localhost:3000/no',
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      checkout_url: expect.stringMatching(/^https:\/\/checkout\.stripe\.test\//),
      checkout_id: expect.stringMatching(/^top_/),
    });
    const call = stripe.calls.findLast(({ path }) => path === '/v1/checkout/sessions');
    expect(call?.fields).toMatchObject({
      mode: 'payment',
      client_reference_id: body.checkout_id,
      success_url: 'https://app.example/ok',
      cancel_url: 'http://localhost:3000/no',
      metadata: { top_up_id: body.checkout_id, organization_id: ada.organizationId },
      line_items: { 0: { quantity: '1', price_data: { currency: 'usd', unit_amount: '2010' } } },
    });
    const deeds = await platform.database.admin
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.subject, body.checkout_id), eq(auditLog.action, 'top_up.create')));
    expect(deeds).toMatchObject([
      { actorId: ada.userId, details: { amountNano: '20100000000', savesPaymentMethod: false } },
    ]);
  });

  test.each([
    ['20', '2000'],
    ['20.5', '2050'],
    ['20.50', '2050'],
    ['"7"', '700'],
    ['999.99', '99999'],
    ['1000', '100000'],
    // The double next to it is 64.10999999999999943…
    ['64.11', '6411'],
  ])('reads %s as %s cents', async (number, cents) => {
    const text = `{"amount_usd":${number},"idempotency_key":"${newKey()}"}`;
    const answer = await platform.call('POST /v1/billing/checkout', { as: ada.token, text });
    expect(answer.status).toBe(200);
    const call = stripe.calls.findLast(({ path }) => path === '/v1/checkout/sessions');
    expect(call?.fields).toMatchObject({
      line_items: { 0: { price_data: { unit_amount: cents } } },
    });
  });

  test.each([
    '20.001',
    '20.000',
    // As floats these two are 20.1 and 20.
    '20.1000000000000000000001',
    '19.9999999999999999999',
    '2e1',
    '0',
    '-20',
    '4.99',
    '1000.01',
    '1e400',
    '"20,00"',
    '"1e2"',
    '" 20"',
    '""',
    'null',
    '[20]',
    'true',
  ])('is not opened for %s', async (number) => {
    const before = stripe.sessions.size;
    const text = `{"amount_usd":${number},"idempotency_key":"${newKey()}"}`;
    const { status, body } = await platform.call('POST /v1/billing/checkout', {
      as: ada.token,
      text,
    });
    expect([status, body.error.param]).toEqual([400, 'amount_usd']);
    expect(stripe.sessions.size).toBe(before);
  });

  test.each([
    ['success_url', 'http: and another machine', 'http://app.example/'],
    ['success_url', 'a script', 'javascript:alert(1)'],
    ['cancel_url', 'a user called localhost', 'http://localhost:x@app.example/'],
    ['cancel_url', 'no end', `https://app.example/${'a'.repeat(2_000)}`],
    ['idempotency_key', 'nothing', ''],
    ['idempotency_key', 'other letters', 'é'],
    ['idempotency_key', 'no end', 'a'.repeat(256)],
    ['idempotency_key', 'no value', undefined],
  ])('is not opened with %s of %s', async (param, _what, value) => {
    const { status, body } = await checkout(ada.token, { [param]: value });
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test('with the same key and fields is the same, however it is spelt; with others it is refused', async () => {
    const key = newKey();
    const before = stripe.sessions.size;
    const first = await checkout(ada.token, { idempotency_key: key });
    const again = await checkout(ada.token, { idempotency_key: key, amount_usd: '20.00' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    for (const change of [
      { amount_usd: 21 },
      { save_payment_method: true },
      { success_url: 'https://app.example/' },
    ]) {
      const { status, body } = await checkout(ada.token, { idempotency_key: key, ...change });
      expect([status, body.error.code]).toEqual([409, 'idempotency_conflict']);
    }
    expect(stripe.sessions.size).toBe(before + 1);
    // Keys are each organization's own.
    const other = await checkout(eve.token, { idempotency_key: key, amount_usd: 21 });
    expect(other.status).toBe(200);
    expect(other.body.checkout_id).not.toBe(first.body.checkout_id);
  });

  test('sent many times at once by somebody new opens one page, for one customer', async () => {
    const ann = await platform.signUp('at-once');
    const [sessions, key] = [stripe.sessions.size, newKey()];
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => checkout(ann.token, { idempotency_key: key })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.checkout_url)).size).toBe(1);
    expect(stripe.sessions.size).toBe(sessions + 1);
    const opened = [...stripe.sessions.values()].at(-1);
    const second = await checkout(ann.token);
    expect(second.status).toBe(200);
    expect([...stripe.sessions.values()].at(-1)?.['customer']).toBe(opened?.['customer']);
  });

  test('whose answer was lost on the way is not opened twice', async () => {
    const key = newKey();
    await checkout(ada.token);
    const before = stripe.sessions.size;
    stripe.next('lost-answer', 'lost-answer', 'lost-answer');
    const lost = await checkout(ada.token, { idempotency_key: key });
    expect([lost.status, lost.body.error.code]).toEqual([502, 'payment_provider_error']);
    const again = await checkout(ada.token, { idempotency_key: key });
    expect(again.status).toBe(200);
    expect(stripe.sessions.size).toBe(before + 1);
  });

  test('is opened for a new customer when somebody has deleted the old one at Stripe', async () => {
    const ann = await platform.signUp('deleted');
    await checkout(ann.token);
    const customer = String([...stripe.sessions.values()].at(-1)?.['customer']);
    stripe.remove(customer);
    const answers = await Promise.all([checkout(ann.token), checkout(ann.token)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const others = [...stripe.sessions.values()].slice(-2).map((session) => session['customer']);
    expect(others).toEqual([expect.stringMatching(/^cus_/), others[0]]);
    expect(others[0]).not.toBe(customer);
  });

  test('is for owners and admins', async () => {
    const dev = await platform.signUp('dev');
    await platform.database.admin.insert(memberships).values({
      id: platform.ctx.newId('membership'),
      organizationId: ada.organizationId,
      userId: dev.userId,
      role: 'developer',
    });
    const headers = { 'x-organization-id': ada.organizationId };
    const body = { amount_usd: 20, idempotency_key: newKey() };
    const call = (as: string) => platform.call('POST /v1/billing/checkout', { as, body, headers });
    expect((await call(dev.token)).status).toBe(403);
    expect((await call(eve.token)).status).toBe(404);
    expect((await platform.call('POST /v1/billing/checkout', { body })).status).toBe(401);
  });
});

describe('without Stripe', () => {
  test('a checkout says what the operator can do, and events look forged', async () => {
    const off = await createTestPlatform();
    const ann = await off.signUp('ann');
    const body = { amount_usd: 20, idempotency_key: 'a' };
    const refused = await off.call('POST /v1/billing/checkout', { as: ann.token, body });
    expect([refused.status, refused.body.error.code]).toEqual([503, 'payments_not_configured']);
    expect(refused.body.error.message).toContain('sealgate wallet credit');
    expect(refused.headers.get('x-should-retry')).toBe('false');
    const settings = { enabled: true, threshold_usd: '5', amount_usd: '20' };
    const enabled = await off.call('PUT /v1/billing/auto-top-up', {
      as: ann.token,
      body: settings,
    });
    expect(enabled.body.error.code).toBe('payments_not_configured');
    const event = await off.call('POST /v1/billing/stripe/webhook', { text: '{}' });
    expect(event.status).toBe(400);
    await off.close();
  });
});

describe('an event', () => {
  const FORGED = { id: 'evt_forged', type: 'checkout.session.completed', data: { object: {} } };
  const rows = () => platform.database.admin.$count(stripeEvents);

  test('that Stripe has not just signed changes nothing, and the answer tells nothing', async () => {
    const before = await rows();
    const text = JSON.stringify(FORGED);
    const old = platform.time.nowMs - 301_000;
    const good = signStripe(text, platform.time.nowMs);
    const answers = [
      await send(FORGED, { secret: 'whsec_of_somebody_else_entirely' }),
      await send(FORGED, { nowMs: old }),
      ...(await Promise.all(
        [
          {},
          { 'stripe-signature': '' },
          { 'stripe-signature': good.replace('v1=', 'v0=') },
          { 'stripe-signature': good.replace(/t=\d+/, 't=1') },
          { 'stripe-signature': `${good}0` },
          { 'stripe-signature': 'x'.repeat(10_000) },
        ].map((headers) => platform.call('POST /v1/billing/stripe/webhook', { text, headers })),
      )),
      await platform.call('POST /v1/billing/stripe/webhook', {
        text: `${text} `,
        headers: { 'stripe-signature': good },
      }),
      await platform.call('POST /v1/billing/stripe/webhook', { text: 'not json' }),
      await platform.call('POST /v1/billing/stripe/webhook', {
        text,
        headers: { 'content-type': 'text/plain' },
      }),
    ];
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await rows()).toBe(before);
    expect(new Set(payments.counted)).toEqual(new Set(['event rejected']));
  });

  test('that is too large is not read', async () => {
    const text = JSON.stringify({ ...FORGED, padding: 'x'.repeat(256 * 1024) });
    const answer = await platform.call('POST /v1/billing/stripe/webhook', { text });
    expect(answer.status).toBe(413);
  });

  test('that is nothing of ours is taken and forgotten', async () => {
    const before = await rows();
    const foreign = { id: 'evt_1', object: 'event', type: 'customer.created' };
    expect((await send({ ...foreign, data: { object: { object: 'customer' } } })).body).toEqual({
      received: true,
    });
    const payment = { object: 'payment_intent', id: 'pi_foreign', metadata: {} };
    expect((await send({ ...foreign, data: { object: payment } })).status).toBe(200);
    expect(await rows()).toBe(before);
    expect(payments.counted).toEqual(['event not_ours', 'event not_ours']);
  });
});

describe('a top-up', () => {
  test('that was paid is credited once, with both sides, its deed, and what it is about', async () => {
    const { person, topUpId, sessionId } = await withCheckout('paid', { amount_usd: 20.5 });
    const paymentId = stripe.pay(sessionId);
    const events = stripe.events.splice(0);
    await deliver(events);
    expect(await balance(person)).toBe('20.50');
    for (let replay = 0; replay < 10; replay += 1) await deliver(events.toReversed());
    expect(await balance(person)).toBe('20.50');
    const { body } = await platform.call('GET /v1/billing/ledger', { as: person.token });
    expect(body.data).toMatchObject([
      { kind: 'top_up', amount_usd: '20.50', top_up_id: topUpId, generation_id: null },
    ]);
    const { admin } = platform.database;
    const entries = await admin
      .select()
      .from(ledgerEntries)
      .where(eq(ledgerEntries.organizationId, person.organizationId));
    expect(new Map(entries.map(({ account, requestId }) => [account, requestId]))).toEqual(
      new Map([
        ['clearing', paymentId],
        ['wallet', paymentId],
      ] as const),
    );
    const deeds = await admin
      .select()
      .from(auditLog)
      .where(
        and(
          eq(auditLog.organizationId, person.organizationId),
          eq(auditLog.action, 'wallet.top_up'),
        ),
      );
    expect(deeds).toMatchObject([
      {
        actorKind: 'system',
        subject: entries[0]?.transferId,
        details: { amountNano: '20500000000', topUpId, reference: paymentId },
      },
    ]);
    expect(payments.counted.filter((what) => what === 'movement top_up')).toHaveLength(1);
    expect(payments.counted.filter((what) => what === 'event repeated')).toHaveLength(20);
  });

  test('of a bank that takes its time is credited when it has decided, or not at all', async () => {
    const slow = await withCheckout('slow');
    const never = await withCheckout('never');
    const [good, bad] = [
      stripe.pay(slow.sessionId, 'thinks'),
      stripe.pay(never.sessionId, 'thinks'),
    ];
    await deliver();
    expect([await balance(slow.person), await balance(never.person)]).toEqual(['0.00', '0.00']);
    stripe.decide(good, true);
    stripe.decide(bad, false);
    await deliver();
    expect([await balance(slow.person), await balance(never.person)]).toEqual(['20.00', '0.00']);
    const [row] = await platform.database.admin
      .select()
      .from(topUps)
      .where(eq(topUps.id, never.topUpId));
    expect(row).toMatchObject({ status: 'failed', declineCode: 'generic_decline' });
  });

  test('that nobody paid expires, and its key opens no other page', async () => {
    const key = newKey();
    const { person, topUpId, sessionId } = await withCheckout('expired', { idempotency_key: key });
    stripe.expire(sessionId);
    await deliver();
    const [row] = await platform.database.admin.select().from(topUps).where(eq(topUps.id, topUpId));
    expect(row?.status).toBe('expired');
    const before = stripe.sessions.size;
    await checkout(person.token, { idempotency_key: key });
    expect(stripe.sessions.size).toBe(before);
    expect(await balance(person)).toBe('0.00');
  });

  test('that is given back in parts loses each part once, and gets back one that failed', async () => {
    const { person, sessionId } = await withCheckout('refunds');
    const paymentId = stripe.pay(sessionId);
    stripe.refund(paymentId, 550);
    const pending = stripe.refund(paymentId, 1_000, 'pending');
    // Before anything else is known, also of the payment itself.
    await deliver(stripe.events.splice(0).toReversed());
    expect(await balance(person)).toBe('4.50');
    stripe.failRefund(pending);
    await deliver();
    await deliver(stripe.events);
    expect(await ledger(person)).toEqual([
      'top_up_refund_reversal 10.00',
      'top_up_refund -10.00',
      'top_up_refund -5.50',
      'top_up 20.00',
    ]);
    expect(await balance(person)).toBe('14.50');
  });

  test('that is disputed loses what the bank takes, and gets back what it returns', async () => {
    const { person, sessionId } = await withCheckout('disputes');
    const paymentId = stripe.pay(sessionId);
    const question = stripe.dispute(paymentId, 2_000, 'question');
    await deliver();
    expect(await balance(person)).toBe('20.00');
    stripe.winDispute(question);
    const dispute = stripe.dispute(paymentId, 1_500);
    await deliver();
    expect(await balance(person)).toBe('5.00');
    stripe.winDispute(dispute);
    await deliver();
    expect(await ledger(person)).toEqual([
      'dispute_reversal 15.00',
      'dispute -15.00',
      'top_up 20.00',
    ]);
  });

  test('that was spent before it was given back leaves a wallet below zero, with nothing available', async () => {
    const { person, sessionId } = await withCheckout('spent');
    const paymentId = stripe.pay(sessionId);
    await deliver();
    const { admin } = platform.database;
    const ours = eq(wallets.organizationId, person.organizationId);
    await admin.update(wallets).set({ heldNano: 19_000_000_000n }).where(ours);
    const rich = await platform.call('GET /v1/billing/balance', { as: person.token });
    expect(rich.body).toMatchObject({ held_usd: '19.00', available_usd: '1.00' });
    stripe.refund(paymentId, 2_000);
    await deliver();
    const poor = await platform.call('GET /v1/billing/balance', { as: person.token });
    expect(poor.body).toMatchObject({
      balance_usd: '0.00',
      held_usd: '19.00',
      available_usd: '0.00',
      auto_top_up: null,
    });
    await admin.update(wallets).set({ heldNano: 0n }).where(ours);
  });
});

describe('a payment that does not fit its top-up credits nothing, and an operator learns of it:', () => {
  test.each<readonly [string, (paid: { sessionId: string; paymentId: string }) => void]>([
    ['other_amount', ({ sessionId }) => stripe.corrupt(sessionId, { amount_total: 1 })],
    ['other_amount', ({ paymentId }) => stripe.corrupt(paymentId, { amount_received: 2_001 })],
    ['other_currency', ({ sessionId }) => stripe.corrupt(sessionId, { currency: 'eur' })],
    ['other_currency', ({ paymentId }) => stripe.corrupt(paymentId, { currency: 'krw' })],
    [
      'other_organization',
      ({ sessionId }) =>
        stripe.corrupt(sessionId, {
          metadata: {
            ...(stripe.sessions.get(sessionId)?.['metadata'] as object),
            organization_id: 'org_eve',
          },
        }),
    ],
    [
      'other_top_up',
      ({ sessionId }) => stripe.corrupt(sessionId, { client_reference_id: 'top_other' }),
    ],
    ['other_customer', ({ paymentId }) => stripe.corrupt(paymentId, { customer: 'cus_eve' })],
  ])('%s', async (oddity, corrupt) => {
    const { person, topUpId, sessionId } = await withCheckout(`odd-${newKey()}`);
    const paymentId = stripe.pay(sessionId);
    corrupt({ sessionId, paymentId });
    await deliver();
    expect(await balance(person)).toBe('0.00');
    expect(payments.counted).toContain(`oddity ${oddity}`);
    expect(payments.errors).toContainEqual(
      expect.objectContaining({ topUpId, organizationId: person.organizationId, paymentId }),
    );
    expect(
      await platform.database.admin.$count(topUpMovements, eq(topUpMovements.topUpId, topUpId)),
    ).toBe(0);
  });

  test('another page with its marks', async () => {
    const { person, sessionId } = await withCheckout('two-pages');
    const other = await withCheckout('other-page');
    const { metadata, client_reference_id } = { ...stripe.sessions.get(sessionId) };
    stripe.corrupt(other.sessionId, {
      metadata,
      client_reference_id,
      of_payment: { metadata },
    });
    stripe.pay(other.sessionId);
    await deliver();
    expect([await balance(person), await balance(other.person)]).toEqual(['0.00', '0.00']);
    expect(payments.counted).toContain('oddity other_checkout');
  });
});

test('the books balance after all of this', async () => {
  expect((await reconcile(platform.database)).discrepancies).toEqual([]);
});
