import { nanoUsd } from '@sealgate/contract';
import { and, desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  signStripe,
  startFakeStripe,
  STRIPE_SECRETS,
  type FakeStripe,
} from '../../../../../e2e/fakes/stripe.ts';
import {
  adjust,
  chargeTopUp,
  checkPayments,
  followEvent,
  openStripe,
  receiveEvent,
  reconcile,
  requestAutoTopUps,
  requestDueAutoTopUps,
  type PaymentProvider,
} from '../../customers/billing/index.ts';
import { settleGenerations } from '../../customers/billing/settlement/settle-generations.ts';
import {
  testGeneration,
  testPayments,
  type TestPayments,
} from '../../customers/billing/testing.ts';
import { printGeneration } from '../../customers/billing/usage/print-generation.ts';
import {
  auditLog,
  autoTopUps,
  inSystem,
  memberships,
  organizations,
  outboxMails,
  stripeEvents,
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

const HOUR_MS = 3_600_000;

let stripe: FakeStripe;
let provider: PaymentProvider;
let payments: TestPayments;
let platform: TestPlatform;
beforeAll(async () => {
  stripe = await startFakeStripe();
  provider = await openStripe({
    secretKey: new Secret(STRIPE_SECRETS.secretKey),
    webhookSecret: new Secret(STRIPE_SECRETS.webhookSecret),
    apiUrl: stripe.url,
  });
  payments = testPayments(provider);
  platform = await createTestPlatform({ changes: { payments } });
});
afterAll(async () => {
  await platform.close();
  provider.close();
  await stripe.close();
});
beforeEach(() => {
  payments.counted.length = 0;
  stripe.bank = 'accepts';
  platform.time.nowMs = Date.UTC(2026, 0, 2);
});

const system = () => ({ ...platform.ctx, actor: { kind: 'system' } as const });
const work = (): Promise<void> =>
  runDueJobs({
    database: platform.database,
    jobs: {
      ...IDLE_JOBS,
      'charge-top-up': ({ organizationId, topUpId: id }) =>
        chargeTopUp(system(), payments, { organizationId, id }),
      'follow-payment-event': ({ eventId }) => followEvent(system(), payments, eventId),
    },
  });

async function deliver(): Promise<void> {
  for (const event of stripe.events.splice(0)) {
    const body = Buffer.from(JSON.stringify(event));
    const signature = signStripe(body.toString(), platform.time.nowMs);
    await receiveEvent(system(), payments, { body, signature });
  }
  await work();
}

const SETTINGS = { enabled: true, threshold_usd: '5.00', amount_usd: '20.00' };
const put = ({ token }: TestPerson, change: object = {}): Promise<TestAnswer> =>
  platform.call('PUT /v1/billing/auto-top-up', { as: token, body: { ...SETTINGS, ...change } });
const balance = async ({ token }: TestPerson) =>
  (await platform.call('GET /v1/billing/balance', { as: token })).body;

let people = 0;
/** Has paid ten dollars with a card that may be charged again. */
async function withCard(): Promise<TestPerson> {
  const person = await platform.signUp(`person-${(people += 1)}`);
  const { body } = await platform.call('POST /v1/billing/checkout', {
    as: person.token,
    body: { amount_usd: 10, idempotency_key: 'first', save_payment_method: true },
  });
  const [row] = await platform.database.admin
    .select()
    .from(topUps)
    .where(eq(topUps.id, body.checkout_id));
  stripe.pay(row?.checkoutId ?? '');
  await deliver();
  payments.counted.length = 0;
  return person;
}

/** Settles a request that cost so much. */
async function spend({ organizationId }: TestPerson, cents: number): Promise<void> {
  const costNano = nanoUsd(BigInt(cents) * 10_000_000n);
  const used = testGeneration(organizationId, { costNano });
  await settleGenerations(platform.ctx, [printGeneration(used)]);
}
const request = ({ organizationId }: Pick<TestPerson, 'organizationId'>): Promise<void> =>
  inSystem(platform.ctx, (transaction) =>
    requestAutoTopUps(transaction, [organizationId], platform.time.nowMs),
  );
const automatic = ({ organizationId }: TestPerson) =>
  platform.database.admin
    .select()
    .from(topUps)
    .where(and(eq(topUps.organizationId, organizationId), eq(topUps.kind, 'automatic')))
    .orderBy(desc(topUps.createdAt));
const settingsOf = async ({ organizationId }: TestPerson) =>
  (
    await platform.database.admin
      .select()
      .from(autoTopUps)
      .where(eq(autoTopUps.organizationId, organizationId))
  )[0];
const deedsOf = async ({ organizationId }: TestPerson) =>
  (
    await platform.database.admin
      .select()
      .from(auditLog)
      .where(eq(auditLog.organizationId, organizationId))
  ).filter(({ action }) => action.startsWith('auto_top_up'));
const charges = () =>
  stripe.calls.filter(({ method, path }) => method === 'POST' && path === '/v1/payment_intents');

describe('setting it up', () => {
  test('needs a card that was saved by paying, and shows in the balance', async () => {
    const ann = await platform.signUp('no-card');
    const get = () => platform.call('GET /v1/billing/auto-top-up', { as: ann.token });
    const nothing = {
      enabled: false,
      threshold_usd: null,
      amount_usd: null,
      monthly_limit_usd: null,
      payment_method: null,
      disabled_reason: null,
    };
    expect((await get()).body).toEqual(nothing);
    const refused = await put(ann);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'conflict']);
    expect(refused.body.error.message).toContain('save_payment_method');
    const off = { ...SETTINGS, enabled: false, monthly_limit_usd: null };
    expect((await put(ann, { enabled: false })).body).toEqual({ ...nothing, ...off });
    expect((await balance(ann)).auto_top_up).toEqual(off);
    const bob = await withCard();
    const { status, body } = await put(bob, { monthly_limit_usd: '100' });
    expect([status, body]).toEqual([
      200,
      {
        ...SETTINGS,
        monthly_limit_usd: '100.00',
        payment_method: expect.stringMatching(/^visa \d{4}$/),
        disabled_reason: null,
      },
    ]);
    expect((await balance(bob)).auto_top_up).toEqual({ ...SETTINGS, monthly_limit_usd: '100.00' });
    expect(await deedsOf(bob)).toMatchObject([
      {
        action: 'auto_top_up.update',
        actorId: bob.userId,
        details: { isEnabled: true, amountUsd: '20.00', monthlyLimitUsd: '100.00' },
      },
    ]);
  });

  test.each([
    ['amount_usd', { amount_usd: '20.001' }],
    ['amount_usd', { amount_usd: '4.99' }],
    ['amount_usd', { amount_usd: '1000.01' }],
    ['amount_usd', { amount_usd: 20 }],
    ['threshold_usd', { threshold_usd: '-1' }],
    ['threshold_usd', { threshold_usd: '1000000' }],
    ['monthly_limit_usd', { monthly_limit_usd: '19.99' }],
    ['enabled', { enabled: 'yes' }],
  ])('is refused with a wrong %s: %j', async (param, change) => {
    const ann = await platform.signUp(`wrong-${(people += 1)}`);
    const { status, body } = await put(ann, { enabled: false, ...change });
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test('keeps the card of the latest payment, in whichever order payments become known', async () => {
    const ann = await withCard();
    const pay = async (key: string) => {
      platform.time.nowMs += 1_000;
      const { body } = await platform.call('POST /v1/billing/checkout', {
        as: ann.token,
        body: { amount_usd: 10, idempotency_key: key, save_payment_method: true },
      });
      const [row] = await platform.database.admin
        .select()
        .from(topUps)
        .where(eq(topUps.id, body.checkout_id));
      const payment = stripe.pay(row?.checkoutId ?? '');
      const method = stripe.payments.get(payment)?.['payment_method'];
      return [stripe.events.splice(0), String(method)] as const;
    };
    const [[earlier], [later, newest]] = [await pay('second'), await pay('third')];
    stripe.events.push(...later);
    await deliver();
    stripe.events.push(...earlier);
    await deliver();
    await put(ann);
    await spend(ann, 2_600);
    await work();
    expect(charges().at(-1)?.fields).toMatchObject({ payment_method: newest });
  });
});

describe('a wallet with too little', () => {
  test('is topped up once, whether Stripe’s answer or its events come first', async () => {
    const ann = await withCard();
    await put(ann);
    await spend(ann, 500);
    expect(await automatic(ann)).toEqual([]);
    await spend(ann, 1);
    await Promise.all([request(ann), request(ann)]);
    expect(await automatic(ann)).toMatchObject([{ status: 'opening', month: '2026-01' }]);
    await work();
    expect((await balance(ann)).balance_usd).toBe('24.99');
    await deliver();
    await deliver();
    expect((await balance(ann)).balance_usd).toBe('24.99');
    expect(await automatic(ann)).toMatchObject([{ status: 'paid' }]);
    expect(payments.counted.filter((what) => /^(auto|movement)/.test(what))).toEqual([
      'movement top_up',
      'auto paid',
    ]);
    const [charge] = charges().slice(-1);
    expect(charge?.fields).toMatchObject({
      amount: '2000',
      currency: 'usd',
      off_session: 'true',
      confirm: 'true',
      metadata: { organization_id: ann.organizationId },
    });
  });

  test('is topped up at once when it is set up too late, and what is held counts as spent', async () => {
    const ann = await withCard();
    const { organizationId } = ann;
    await platform.database.admin
      .update(wallets)
      .set({ heldNano: 6_000_000_000n })
      .where(eq(wallets.organizationId, organizationId));
    await put(ann);
    await work();
    expect((await balance(ann)).balance_usd).toBe('30.00');
    await platform.database.admin
      .update(wallets)
      .set({ heldNano: 0n })
      .where(eq(wallets.organizationId, organizationId));
  });

  test('of a transaction that is taken back is not topped up', async () => {
    const ann = await withCard();
    await put(ann, { threshold_usd: '0' });
    const taken = inSystem(platform.ctx, async (transaction) => {
      await transaction
        .update(wallets)
        .set({ balanceNano: -1n })
        .where(eq(wallets.organizationId, ann.organizationId));
      await requestAutoTopUps(transaction, [ann.organizationId], platform.time.nowMs);
      throw new Error('no');
    });
    await expect(taken).rejects.toThrow('no');
    await work();
    expect(await automatic(ann)).toEqual([]);
  });

  test('is found by the clock when nothing is used any more', async () => {
    const ann = await withCard();
    await put(ann);
    await adjust(platform.ctx, {
      organizationId: ann.organizationId,
      amountNano: nanoUsd(-9_000_000_000n),
      reason: 'test',
    });
    await requestDueAutoTopUps(system(), testPayments());
    expect(await automatic(ann)).toEqual([]);
    await requestDueAutoTopUps(system(), payments);
    await work();
    expect((await balance(ann)).balance_usd).toBe('21.00');
  });

  test('is left alone when it has enough again, was switched off, or has gone', async () => {
    const [rich, off, gone] = [await withCard(), await withCard(), await withCard()];
    for (const person of [rich, off, gone]) {
      await put(person);
      await spend(person, 600);
    }
    await adjust(platform.ctx, {
      organizationId: rich.organizationId,
      amountNano: nanoUsd(10n ** 10n),
      reason: 'test',
    });
    await put(off, { enabled: false });
    const { admin } = platform.database;
    await admin
      .update(organizations)
      .set({ deletedAt: new Date() })
      .where(eq(organizations.id, gone.organizationId));
    const before = charges().length;
    await work();
    expect(charges()).toHaveLength(before);
    for (const person of [rich, off, gone]) {
      expect(await automatic(person)).toMatchObject([{ status: 'failed', declineCode: 'not_due' }]);
    }
    expect(payments.counted).toEqual(['auto skipped', 'auto skipped', 'auto skipped']);
    await request(gone);
    expect(await automatic(gone)).toHaveLength(1);
  });

  test('is never topped up beyond the month’s limit, and again in the next month of its time zone', async () => {
    const ann = await withCard();
    await platform.database.admin
      .update(organizations)
      .set({ timeZone: 'Asia/Tokyo' })
      .where(eq(organizations.id, ann.organizationId));
    await put(ann, { monthly_limit_usd: '59.99' });
    for (let round = 0; round < 4; round += 1) {
      await spend(ann, 2_600);
      await work();
    }
    expect(await automatic(ann)).toHaveLength(2);
    // Half an hour before midnight in UTC, and well into February in Tokyo.
    platform.time.nowMs = Date.UTC(2026, 0, 31, 14, 59);
    await request(ann);
    await work();
    expect(await automatic(ann)).toHaveLength(2);
    platform.time.nowMs = Date.UTC(2026, 0, 31, 15, 0);
    await request(ann);
    await work();
    expect(await automatic(ann)).toMatchObject([
      { month: '2026-02', status: 'paid' },
      { month: '2026-01' },
      { month: '2026-01' },
    ]);
  });
});

describe('a charge', () => {
  test('whose answers are lost, or whose process dies, is made once', async () => {
    const ann = await withCard();
    await put(ann);
    await spend(ann, 600);
    const before = stripe.payments.size;
    const [topUp] = await automatic(ann);
    const asked = { organizationId: ann.organizationId, id: topUp?.id ?? '' };
    stripe.next('lost-answer', 'lost-answer', 'lost-answer');
    await expect(chargeTopUp(system(), payments, asked)).rejects.toThrow();
    expect(await automatic(ann)).toMatchObject([{ status: 'processing', paymentId: null }]);
    await Promise.all([1, 2, 3].map(() => chargeTopUp(system(), payments, asked)));
    await work();
    expect(stripe.payments.size).toBe(before + 1);
    expect((await balance(ann)).balance_usd).toBe('24.00');
  });

  test('that Stripe has forgotten is looked for, not made again', async () => {
    const [made, never] = [await withCard(), await withCard()];
    for (const person of [made, never]) {
      await put(person);
      await spend(person, 600);
    }
    const ask = async (person: TestPerson) => {
      const [topUp] = await automatic(person);
      return chargeTopUp(system(), payments, {
        organizationId: person.organizationId,
        id: topUp?.id ?? '',
      });
    };
    stripe.next('lost-answer', 'lost-answer', 'lost-answer');
    await expect(ask(made)).rejects.toThrow();
    stripe.next({ status: 500 }, { status: 500 }, { status: 500 });
    await expect(ask(never)).rejects.toThrow();
    const before = charges().length;
    platform.time.nowMs += 21 * HOUR_MS;
    await Promise.all([ask(made), ask(never)]);
    expect(charges()).toHaveLength(before);
    expect((await balance(made)).balance_usd).toBe('24.00');
    expect(await automatic(never)).toMatchObject([{ status: 'failed', declineCode: 'never_made' }]);
    await platform.database.admin.execute('delete from graphile_worker._private_jobs');
  });

  test('of a bank that takes its time is credited when the event comes', async () => {
    const ann = await withCard();
    await put(ann);
    stripe.bank = 'thinks';
    await spend(ann, 600);
    await work();
    expect((await balance(ann)).balance_usd).toBe('4.00');
    await request(ann);
    expect(await automatic(ann)).toMatchObject([{ status: 'processing' }]);
    stripe.decide(String((await automatic(ann))[0]?.paymentId), true);
    await deliver();
    expect((await balance(ann)).balance_usd).toBe('24.00');
  });

  test('that is declined is tried again after an hour and a day; then it is switched off and the managers get a mail', async () => {
    const ann = await withCard();
    const [admin, dev] = [await platform.signUp('admin'), await platform.signUp('dev')];
    for (const [person, role] of [
      [admin, 'admin'],
      [dev, 'developer'],
    ] as const) {
      await platform.database.admin.insert(memberships).values({
        id: platform.ctx.newId('membership'),
        organizationId: ann.organizationId,
        userId: person.userId,
        role,
      });
    }
    await put(ann);
    stripe.bank = { declines: 'insufficient_funds' };
    await spend(ann, 600);
    const mails = () => platform.database.admin.select().from(outboxMails);
    for (const [pauseMs, declines] of [
      [HOUR_MS, 1],
      [24 * HOUR_MS, 2],
    ] as const) {
      await work();
      await deliver();
      expect(await settingsOf(ann)).toMatchObject({ isEnabled: true, declines });
      platform.time.nowMs += pauseMs - 1;
      await request(ann);
      expect(await automatic(ann)).toHaveLength(declines);
      platform.time.nowMs += 1;
      await request(ann);
      expect(await automatic(ann)).toHaveLength(declines + 1);
    }
    expect(await mails()).toEqual([]);
    await work();
    await deliver();
    expect(await settingsOf(ann)).toMatchObject({ isEnabled: false, disabledReason: 'declined' });
    const state = await platform.call('GET /v1/billing/auto-top-up', { as: ann.token });
    expect(state.body).toMatchObject({ enabled: false, disabled_reason: 'declined' });
    const sent = await mails();
    const opened = sent.map(({ id, mail }) =>
      JSON.parse(platform.ctx.vault.open(`mail:${id}`, mail).reveal()),
    );
    expect(new Set(opened.map(({ to }) => to))).toEqual(new Set([admin.email, ann.email]));
    expect(opened).toHaveLength(2);
    expect(opened[0].content).toEqual({
      template: 'auto-top-up-stopped',
      organizationName: 'Personal',
      amountUsd: '20.00',
      reason: 'declined',
    });
    expect((await deedsOf(ann)).map(({ action }) => action).toSorted()).toEqual([
      'auto_top_up.decline',
      'auto_top_up.decline',
      'auto_top_up.decline',
      'auto_top_up.disable',
      'auto_top_up.update',
    ]);
    expect((await balance(ann)).balance_usd).toBe('4.00');
    await platform.database.admin.delete(outboxMails);
  });

  test.each([
    ['the bank wants its customer to agree', 'authentication_required', false],
    ['the card is gone', 'resource_missing', true],
    ['the card was stolen', 'stolen_card', false],
  ])('is not tried again when %s', async (_why, declines, hasNoPayment) => {
    const ann = await withCard();
    await put(ann);
    stripe.bank = { declines, hasNoPayment };
    await spend(ann, 600);
    await work();
    await deliver();
    expect(await settingsOf(ann)).toMatchObject({ isEnabled: false, disabledReason: 'declined' });
    expect(payments.counted).toContain('auto disabled');
    await request(ann);
    expect(await automatic(ann)).toMatchObject([{ status: 'failed', declineCode: declines }]);
    await platform.database.admin.delete(outboxMails);
  });

  test('that succeeds makes earlier declines forgotten', async () => {
    const ann = await withCard();
    await put(ann);
    stripe.bank = { declines: 'generic_decline' };
    await spend(ann, 600);
    await work();
    platform.time.nowMs += HOUR_MS;
    stripe.bank = 'accepts';
    await request(ann);
    await work();
    expect(await settingsOf(ann)).toMatchObject({ declines: 0, pausedUntil: null });
    expect((await balance(ann)).balance_usd).toBe('24.00');
  });

  test('that is disputed is the last one', async () => {
    const ann = await withCard();
    await put(ann);
    await spend(ann, 600);
    await work();
    stripe.dispute(String((await automatic(ann))[0]?.paymentId), 2_000);
    await deliver();
    expect((await balance(ann)).balance_usd).toBe('4.00');
    expect(await settingsOf(ann)).toMatchObject({ isEnabled: false, disabledReason: 'disputed' });
    await platform.database.admin.delete(outboxMails);
  });
});

describe('what got lost is found by looking after it:', () => {
  test('events that never arrived, of whatever kind', async () => {
    const ann = await withCard();
    const [paid] = await platform.database.admin
      .select()
      .from(topUps)
      .where(eq(topUps.organizationId, ann.organizationId));
    stripe.refund(String(paid?.paymentId), 250);
    stripe.events.length = 0;
    await checkPayments(system(), payments);
    await work();
    expect((await balance(ann)).balance_usd).toBe('7.50');
    const known = await platform.database.admin.$count(stripeEvents);
    await checkPayments(system(), payments);
    expect(await platform.database.admin.$count(stripeEvents)).toBe(known);
  });

  test('a checkout that was paid, and one whose page nobody ever saw', async () => {
    const ann = await platform.signUp('lost');
    const open = (key: string) =>
      platform.call('POST /v1/billing/checkout', {
        as: ann.token,
        body: { amount_usd: 10, idempotency_key: key },
      });
    await open('paid');
    const [row] = await platform.database.admin
      .select()
      .from(topUps)
      .where(eq(topUps.organizationId, ann.organizationId));
    stripe.pay(row?.checkoutId ?? '');
    stripe.events.length = 0;
    for (const [id] of stripe.ofKind('event')) stripe.remove(id);
    stripe.next({ status: 500 }, { status: 500 }, { status: 500 });
    expect((await open('unseen')).status).toBe(502);
    platform.time.nowMs += 49 * HOUR_MS;
    await checkPayments(system(), payments);
    await work();
    expect((await balance(ann)).balance_usd).toBe('10.00');
    const states = await platform.database.admin
      .select()
      .from(topUps)
      .where(eq(topUps.organizationId, ann.organizationId));
    expect(states.map(({ status }) => status).toSorted()).toEqual(['expired', 'paid']);
  });

  test('a charge whose job has given up', async () => {
    const ann = await withCard();
    await put(ann);
    await spend(ann, 600);
    await platform.database.admin.execute('delete from graphile_worker._private_jobs');
    platform.time.nowMs += 2 * HOUR_MS;
    await checkPayments(system(), payments);
    await checkPayments(system(), payments);
    await work();
    expect((await balance(ann)).balance_usd).toBe('24.00');
  });
});

test('the books balance after all of this', async () => {
  expect((await reconcile(platform.database)).discrepancies).toEqual([]);
});
