import { nanoUsd, printUsd } from '@sealgate/contract';
import { and, asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  adjust,
  changePlan,
  chargePlanFees,
  credit,
  issueAllInvoices,
  NO_DISCOUNT,
  reconcile,
  type Plan,
} from '../../customers/billing/index.ts';
import { settleGenerations } from '../../customers/billing/settlement/settle-generations.ts';
import { testGeneration, testInvoices, testPlans } from '../../customers/billing/testing.ts';
import { printGeneration } from '../../customers/billing/usage/print-generation.ts';
import { createKeyVerifier, type KeyVerifier } from '../../customers/keys/index.ts';
import {
  auditLog,
  inTenant,
  ledgerEntries,
  memberships,
  organizations,
  planFees,
  wallets,
} from '../../platform/db/index.ts';
import { addJob } from '../../platform/jobs/index.ts';
import { IDLE_JOBS, runDueJobs } from '../../platform/jobs/testing.ts';
import { mailsTo } from '../testing-accounts.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

const usd = (dollars: number) => nanoUsd(BigInt(dollars) * 1_000_000_000n);
const share = (of: bigint) => ({ of, per: 100n });
const TEAM: Plan = {
  id: 'team',
  name: 'Team',
  monthlyFeeNano: usd(30),
  shares: { ...NO_DISCOUNT, fast: { of: 9n, per: 10n }, balanced: { of: 9n, per: 10n } },
};
const BUSINESS: Plan = {
  id: 'business',
  name: 'Business',
  monthlyFeeNano: usd(90),
  shares: { ...NO_DISCOUNT, fast: share(75n), balanced: share(75n), passthrough: share(95n) },
};
const PARTNER: Plan = { ...TEAM, id: 'partner', name: 'Partner', monthlyFeeNano: usd(0) };

let platform: TestPlatform;
const services = testPlans(TEAM, BUSINESS, PARTNER);
/** Ten days of thirty are left, today included. */
const NOW = Date.UTC(2026, 10, 21, 12);
beforeAll(async () => {
  platform = await createTestPlatform({ changes: { plans: services } });
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.time.nowMs = NOW;
});

let people = 0;
/** A person with that much in the wallet, in that time zone. */
async function rich(dollars = 100, timeZone = 'UTC'): Promise<TestPerson> {
  const person = await platform.signUp(`person-${(people += 1)}`);
  const { organizationId } = person;
  if (dollars > 0) {
    await credit(platform.ctx, { organizationId, amountNano: usd(dollars), reason: 'test' });
  }
  await platform.database.admin
    .update(organizations)
    .set({ timeZone })
    .where(eq(organizations.id, organizationId));
  return person;
}

const get = async ({ token }: TestPerson, path = 'plan') =>
  (await platform.call(`GET /v1/billing/${path}`, { as: token })).body;
const put = ({ token }: { readonly token: string }, plan: unknown) =>
  platform.call('PUT /v1/billing/plan', { as: token, body: { plan } });
/** Also when the session has ended long ago. */
const balance = async ({ organizationId }: TestPerson): Promise<string> => {
  const [wallet] = await platform.database.admin
    .select()
    .from(wallets)
    .where(eq(wallets.organizationId, organizationId));
  return printUsd(nanoUsd(wallet?.balanceNano ?? 0n));
};
const fees = ({ organizationId }: TestPerson) =>
  platform.database.admin
    .select()
    .from(planFees)
    .where(eq(planFees.organizationId, organizationId))
    .orderBy(asc(planFees.createdAt), asc(planFees.planId));
const feesPaid = async (person: TestPerson) =>
  (await fees(person)).map(({ planId, month, amountNano }) => [planId, month, amountNano]);
const deeds = async ({ organizationId }: TestPerson) => {
  const rows = await platform.database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.organizationId, organizationId))
    .orderBy(asc(auditLog.createdAt));
  return rows
    .filter(({ action }) => action.startsWith('plan.'))
    .map(({ action, actorKind, details }) => ({ action, actorKind, details }));
};
const noErrors = { error: (facts: object) => expect(facts).toEqual({}) };
const runJob = () =>
  chargePlanFees({ ...platform.ctx, actor: { kind: 'system' } }, services.plans, noErrors as never);
const NOTHING = { fast: '0', balanced: '0', passthrough: '0', byok: '0' };

describe('does', () => {
  test('whoever has booked nothing has pay-as-you-go, and sees what is charged', async () => {
    expect(await get(await rich())).toEqual({
      plan: {
        plan_id: 'pay-as-you-go',
        name: 'Pay as you go',
        monthly_fee_usd: '0.00',
        discount_percent: NOTHING,
      },
      next: null,
      fee: null,
      prices: {
        fast: expect.objectContaining({ input: '0.60', output: '2.40' }),
        balanced: expect.objectContaining({ input: '3.00', output: '12.00' }),
        passthrough_factor: '1.05',
        byok: { share: '0', fee_usd: '0.00' },
        cache_hit_share: '0.25',
      },
    });
  });

  test('lists every plan, the one that is always there first', async () => {
    const list = await get(await rich(), 'plans');
    expect(list).toMatchObject({ object: 'list', has_more: false, next_cursor: null });
    expect(list.data.map((plan: { plan_id: string }) => plan.plan_id)).toEqual([
      'pay-as-you-go',
      'team',
      'business',
      'partner',
    ]);
    expect(list.data[2]).toEqual({
      plan_id: 'business',
      name: 'Business',
      monthly_fee_usd: '90.00',
      discount_percent: { fast: '25', balanced: '25', passthrough: '5', byok: '0' },
    });
  });

  test('a dearer plan begins at once, and the days that are left are paid for, with a row in the record', async () => {
    const ada = await rich();
    const { status, body } = await put(ada, 'team');
    expect([status, body]).toMatchObject([
      200,
      { plan: { plan_id: 'team' }, next: null, fee: { month: '2026-11', paid_usd: '10.00' } },
    ]);
    expect(await get(ada)).toEqual(body);
    expect(await balance(ada)).toBe('90.00');
    expect(await fees(ada)).toMatchObject([
      { planId: 'team', month: '2026-11', amountNano: usd(10), days: 10, daysOfMonth: 30 },
    ]);
    expect(await deeds(ada)).toEqual([
      {
        action: 'plan.change',
        actorKind: 'user',
        details: { from: 'pay-as-you-go', to: 'team', feeUsd: '10.00' },
      },
    ]);
  });

  test('a fee is booked on both sides, and read in the ledger and on the invoice', async () => {
    const ada = await rich();
    await put(ada, 'team');
    const [entry] = (await get(ada, 'ledger')).data;
    expect(entry).toMatchObject({
      kind: 'plan_fee',
      amount_usd: '-10.00',
      balance_usd: '90.00',
      generation_id: null,
      top_up_id: null,
      reason: 'Team, 2026-11 (10 of 30 days)',
    });
    const sides = await platform.database.admin
      .select()
      .from(ledgerEntries)
      .where(eq(ledgerEntries.transferId, entry.transfer_id))
      .orderBy(asc(ledgerEntries.account));
    expect(sides).toMatchObject([
      { account: 'revenue', amountNano: usd(10) },
      { account: 'wallet', amountNano: 0n - usd(10) },
    ]);
    platform.time.nowMs = Date.UTC(2026, 11, 2);
    await issueAllInvoices(platform.ctx, testInvoices());
    const [{ invoice_id: id }] = (await get(ada, 'invoices')).data;
    expect((await get(ada, `invoices/${id}`)).lines).toMatchObject([
      { kind: 'credit', amount_usd: '100.00' },
      { kind: 'plan_fee', entries: 1, amount_usd: '-10.00', tier: null, model: null },
    ]);
    const pdf = await platform.call(`GET /v1/billing/invoices/${id}.pdf`, { as: ada.token });
    expect(pdf.status).toBe(200);
  });

  test('from one plan to a dearer one only the difference is paid', async () => {
    const ada = await rich();
    await put(ada, 'team');
    platform.time.nowMs = Date.UTC(2026, 10, 26);
    await put(ada, 'business');
    expect(await feesPaid(ada)).toEqual([
      ['team', '2026-11', usd(10)],
      ['business', '2026-11', usd(10)],
    ]);
    expect(await balance(ada)).toBe('80.00');
  });

  test('a plan that costs the same begins at once, and nothing is paid or booked', async () => {
    const ada = await rich(0);
    expect((await put(ada, 'partner')).body).toMatchObject({
      plan: { plan_id: 'partner' },
      fee: null,
    });
    expect((await put(ada, 'pay-as-you-go')).body).toMatchObject({
      plan: { plan_id: 'pay-as-you-go' },
      next: null,
    });
    expect(await fees(ada)).toEqual([]);
  });

  test('a cheaper plan begins with the first moment of the next month, where the organization is', async () => {
    const ada = await rich(100, 'Pacific/Auckland');
    await put(ada, 'business');
    const from = '2026-11-30T11:00:00.000Z';
    const { body } = await put(ada, 'team');
    expect(body).toMatchObject({
      plan: { plan_id: 'business' },
      next: { plan: { plan_id: 'team' }, from },
    });
    platform.time.nowMs = Date.parse(from) - 1;
    await runJob();
    expect(await get(ada)).toEqual(body);
    platform.time.nowMs += 1;
    // Also while no job has run.
    expect(await get(ada)).toMatchObject({ plan: { plan_id: 'team' }, next: null, fee: null });
    await runJob();
    expect(await get(ada)).toMatchObject({
      plan: { plan_id: 'team' },
      fee: { month: '2026-12', paid_usd: '30.00' },
    });
    expect((await deeds(ada)).slice(1)).toMatchObject([
      { action: 'plan.change', actorKind: 'user', details: { to: 'team', month: '2026-12' } },
      { action: 'plan.begin', actorKind: 'system', details: { from: 'business', to: 'team' } },
    ]);
  });

  test('who has thought better of it keeps the plan', async () => {
    const ada = await rich();
    await put(ada, 'team');
    await put(ada, 'pay-as-you-go');
    expect((await put(ada, 'team')).body).toMatchObject({ plan: { plan_id: 'team' }, next: null });
    platform.time.nowMs = Date.UTC(2026, 11, 1);
    await runJob();
    expect(await get(ada)).toMatchObject({ plan: { plan_id: 'team' } });
    expect(await balance(ada)).toBe('60.00');
  });

  test('a change that comes again, also many times at once, changes and charges once', async () => {
    const ada = await rich();
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(ada, 'team')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (let again = 0; again < 2; again += 1) await put(ada, 'pay-as-you-go');
    expect(await feesPaid(ada)).toEqual([['team', '2026-11', usd(10)]]);
    expect(await balance(ada)).toBe('90.00');
    expect(await deeds(ada)).toHaveLength(2);
  });

  test('a plan that is left and taken again within a month is paid for once', async () => {
    const ada = await rich(1_000);
    // By the operator’s file as dear as Team.
    const twins = testPlans(TEAM, { ...TEAM, id: 'twin', name: 'Twin' });
    const { organizationId, userId } = ada;
    const actor = { kind: 'user', userId, sessionId: '', organizationId, role: 'owner' } as const;
    for (const plan of ['team', 'twin', 'team', 'twin']) {
      const state = await changePlan({ ...platform.ctx, actor }, twins, plan);
      expect(state.plan.id).toBe(plan);
    }
    expect(await feesPaid(ada)).toEqual([
      ['team', '2026-11', usd(10)],
      ['twin', '2026-11', 0n],
    ]);
    expect(await balance(ada)).toBe('990.00');
  });
});

describe('each month', () => {
  test('the fee is charged once, however many jobs run at once and again', async () => {
    const person = await rich();
    await put(person, 'team');
    for (const month of [11, 12]) {
      platform.time.nowMs = Date.UTC(2026, month, 1);
      await Promise.all([runJob(), runJob(), runJob()]);
      await runJob();
    }
    expect(await feesPaid(person)).toEqual([
      ['team', '2026-11', usd(10)],
      ['team', '2026-12', usd(30)],
      ['team', '2027-01', usd(30)],
    ]);
    expect(await balance(person)).toBe('30.00');
    expect((await reconcile(platform.database)).discrepancies).toEqual([]);
  });

  test('begins where the organization is, and a time zone that changes back and forth pays for none twice', async () => {
    const ada = await rich(1_000, 'Pacific/Auckland');
    await put(ada, 'team');
    platform.time.nowMs = Date.parse('2026-11-30T11:00:00Z');
    await runJob();
    // There it was the 22nd already.
    const paid = [
      ['team', '2026-11', usd(9)],
      ['team', '2026-12', usd(30)],
    ];
    expect(await feesPaid(ada)).toEqual(paid);
    for (const timeZone of ['Pacific/Honolulu', 'UTC', 'Pacific/Auckland']) {
      const body = { time_zone: timeZone };
      const path = `PATCH /v1/organizations/${ada.organizationId}`;
      expect((await platform.call(path, { as: ada.token, body })).status).toBe(200);
      await runJob();
      expect(await feesPaid(ada)).toEqual(paid);
    }
  });

  test('a fee that the wallet does not cover ends the plan: nothing is charged, and owner and admins are told', async () => {
    const ada = await rich(39);
    await put(ada, 'team');
    platform.time.nowMs = Date.UTC(2026, 11, 1);
    await runJob();
    await runJob();
    expect(await get(ada)).toMatchObject({ plan: { plan_id: 'pay-as-you-go' }, fee: null });
    expect(await balance(ada)).toBe('29.00');
    expect((await deeds(ada)).at(-1)).toEqual({
      action: 'plan.lapse',
      actorKind: 'system',
      details: { from: 'team', to: 'pay-as-you-go', month: '2026-12', feeUsd: '30.00' },
    });
    const mails = (await mailsTo(platform, ada.email)).map(({ content }) => content);
    expect(mails).toEqual([
      {
        template: 'plan-ended',
        organizationName: 'Personal',
        planName: 'Team',
        month: '2026-12',
        feeUsd: '30.00',
      },
    ]);
    // It is no debt: later it can be booked again, for the days that are left.
    platform.time.nowMs = Date.UTC(2026, 11, 17);
    await adjust(platform.ctx, { ...ada, amountNano: usd(1), reason: 'test' });
    expect((await put(ada, 'team')).status).toBe(200);
    expect(await feesPaid(ada)).toMatchObject([
      ['team', '2026-11', usd(10)],
      ['team', '2026-12', 14_516_129_032n],
    ]);
  });

  test('what is held for running requests does not pay a fee', async () => {
    const ada = await rich(40);
    await put(ada, 'team');
    await platform.database.admin
      .update(wallets)
      .set({ heldNano: 1n })
      .where(eq(wallets.organizationId, ada.organizationId));
    platform.time.nowMs = Date.UTC(2026, 11, 1);
    await runJob();
    expect(await get(ada)).toMatchObject({ plan: { plan_id: 'pay-as-you-go' } });
    await platform.database.admin
      .update(wallets)
      .set({ heldNano: 0n })
      .where(eq(wallets.organizationId, ada.organizationId));
  });

  test('a plan that is not configured any more costs nothing, and is there again when it is', async () => {
    const ada = await rich();
    await put(ada, 'team');
    platform.time.nowMs = Date.UTC(2026, 11, 1);
    const without = testPlans(BUSINESS).plans;
    await chargePlanFees(platform.ctx, without, noErrors as never);
    expect(await balance(ada)).toBe('90.00');
    await runJob();
    expect(await get(ada)).toMatchObject({ plan: { plan_id: 'team' } });
    expect(await balance(ada)).toBe('60.00');
  });

  test('an organization that cannot be charged does not keep the others from it', async () => {
    const [broken, ada] = [await rich(), await rich()];
    for (const person of [broken, ada]) await put(person, 'team');
    const { organizationId } = broken;
    // Somebody has booked this by hand: it cannot be booked once more.
    const requestId = `${organizationId} team 2026-12`;
    const entry = { id: 'led_stray', account: 'wallet', kind: 'plan_fee' } as const;
    await platform.database.admin.insert(ledgerEntries).values({
      ...entry,
      organizationId,
      requestId,
      transferId: 'trf_stray',
      amountNano: 0n,
      balanceNano: usd(90),
    });
    platform.time.nowMs = Date.UTC(2026, 11, 1);
    const errors: object[] = [];
    const log = { error: (facts: object) => void errors.push(facts) } as never;
    await chargePlanFees(platform.ctx, services.plans, log);
    expect(errors).toMatchObject([{ organizationId }]);
    expect([await balance(broken), await balance(ada)]).toEqual(['90.00', '60.00']);
    expect((await reconcile(platform.database)).discrepancies).toMatchObject([
      { check: 'a plan is paid for once in a month, and nothing else of its kind is' },
    ]);
    await platform.database.admin.execute(`
      alter table ledger_entries disable trigger ledger_entries_append_only;
      delete from ledger_entries where id = 'led_stray';
      alter table ledger_entries enable trigger ledger_entries_append_only`);
    await runJob();
    expect(await balance(broken)).toBe('60.00');
  });

  test('the job is one of the timetable', async () => {
    const ada = await rich();
    await put(ada, 'team');
    platform.time.nowMs = Date.UTC(2026, 11, 1);
    await inTenant(platform.ctx, ada.organizationId, (transaction) =>
      addJob(transaction, 'charge-plan-fees', {}),
    );
    await runDueJobs({
      database: platform.database,
      jobs: { ...IDLE_JOBS, 'charge-plan-fees': runJob },
    });
    expect(await balance(ada)).toBe('60.00');
  });

  test('a deleted organization pays nothing', async () => {
    const ada = await rich();
    await put(ada, 'team');
    await platform.database.admin
      .update(organizations)
      .set({ deletedAt: new Date(NOW) })
      .where(eq(organizations.id, ada.organizationId));
    platform.time.nowMs = Date.UTC(2026, 11, 1);
    await runJob();
    expect(await feesPaid(ada)).toEqual([['team', '2026-11', usd(10)]]);
  });

  test('whatever is booked and charged at once: one fee for each plan and month, and books that balance', async () => {
    const ada = await rich(500);
    for (let month = 10; month < 14; month += 1) {
      platform.time.nowMs = Date.UTC(2026, month, 1, 6);
      const used = Array.from({ length: 20 }, () =>
        printGeneration(testGeneration(ada.organizationId, { costNano: nanoUsd(1_000n) })),
      );
      await Promise.all([
        put(ada, 'team'),
        put(ada, 'business'),
        runJob(),
        settleGenerations(platform.ctx, used),
        put(ada, 'pay-as-you-go'),
        put(ada, 'team'),
        runJob(),
      ]);
    }
    const paid = await fees(ada);
    const names = paid.map(({ planId, month }) => `${planId} ${month}`);
    expect(new Set(names).size).toBe(names.length);
    const booked = await platform.database.admin
      .select()
      .from(ledgerEntries)
      .where(
        and(
          eq(ledgerEntries.organizationId, ada.organizationId),
          eq(ledgerEntries.kind, 'plan_fee'),
          eq(ledgerEntries.account, 'wallet'),
        ),
      );
    const sum = (amounts: readonly bigint[]) => amounts.reduce((one, other) => one + other, 0n);
    expect(sum(booked.map(({ amountNano }) => -amountNano))).toBe(
      sum(paid.map(({ amountNano }) => amountNano)),
    );
    expect((await reconcile(platform.database)).discrepancies).toEqual([]);
  });
});

describe('a key of the organization', () => {
  let verifier: KeyVerifier;
  beforeAll(() => {
    const clock = () => platform.time.nowMs;
    const { database, ctx } = platform;
    verifier = createKeyVerifier({ database, vault: ctx.vault, clock, rateLimitRpm: 60 });
  });
  afterAll(() => verifier.close());

  test('has the new plan in memory as soon as it is booked, without being asked for again', async () => {
    const ada = await rich();
    const secret = await platform.createKey(ada);
    const plan = () => {
      const verdict = verifier.verifyCached(secret);
      return verdict?.kind === 'valid' ? verdict.key.plan : undefined;
    };
    const ask = async () => {
      await verifier.verify(secret);
      return plan();
    };
    await expect.poll(ask).toEqual({ planId: 'pay-as-you-go', next: undefined });
    await put(ada, 'team');
    await expect.poll(plan).toBeUndefined();
    await expect.poll(ask).toEqual({ planId: 'team', next: undefined });
    await put(ada, 'pay-as-you-go');
    const fromMs = Date.UTC(2026, 11, 1);
    await expect.poll(ask).toEqual({ planId: 'team', next: { planId: 'pay-as-you-go', fromMs } });
  });
});

describe('refuses', () => {
  test('a plan that the wallet does not cover, and changes nothing', async () => {
    const ada = await rich(9);
    const { status, body } = await put(ada, 'team');
    expect([status, body.error]).toMatchObject([
      402,
      {
        type: 'insufficient_balance',
        code: 'account_suspended',
        message: expect.stringContaining('Team costs 10.00 USD for the rest of this month'),
        needed: '10.00',
      },
    ]);
    expect(await get(ada)).toMatchObject({ plan: { plan_id: 'pay-as-you-go' }, fee: null });
    expect([await balance(ada), await fees(ada), await deeds(ada)]).toEqual(['9.00', [], []]);
  });

  test('a plan that there is not, and says which there are', async () => {
    const { status, body } = await put(await rich(), 'gold');
    expect([status, body.error]).toMatchObject([
      400,
      { param: 'plan', message: expect.stringContaining('pay-as-you-go, team, business') },
    ]);
  });

  test.each([[undefined], [''], [7], ['x'.repeat(65)]])('%j for a plan', async (plan) => {
    expect((await put(await rich(), plan)).status).toBe(400);
  });

  test('developers, who may read it, and no admins', async () => {
    const [ada, dev] = [await rich(), await platform.signUp(`dev-${(people += 1)}`)];
    const { organizationId } = ada;
    await platform.database.admin.insert(memberships).values({
      id: platform.ctx.newId('membership'),
      organizationId,
      userId: dev.userId,
      role: 'developer',
    });
    const call = (operation: string, body?: object) =>
      platform.call(operation, {
        as: dev.token,
        headers: { 'x-organization-id': organizationId },
        body,
      });
    expect((await call('PUT /v1/billing/plan', { plan: 'team' })).status).toBe(403);
    for (const path of ['plan', 'plans', 'upgrade-hint']) {
      expect((await call(`GET /v1/billing/${path}`)).status).toBe(200);
    }
    await platform.database.admin
      .update(memberships)
      .set({ role: 'admin' })
      .where(
        and(eq(memberships.userId, dev.userId), eq(memberships.organizationId, organizationId)),
      );
    expect((await call('PUT /v1/billing/plan', { plan: 'team' })).status).toBe(200);
  });

  test('a key that is limited itself', async () => {
    const ada = await rich();
    const { body } = await platform.call('POST /v1/keys', {
      as: ada.token,
      body: { name: 'capped', monthly_spend_cap_usd: '1.00' },
    });
    expect((await put({ token: body.full_key }, 'team')).status).toBe(403);
    expect(await fees(ada)).toEqual([]);
    expect((await put({ token: await platform.createKey(ada) }, 'team')).status).toBe(200);
  });
});

describe('keeps apart', () => {
  test('what one organization books changes nothing for another', async () => {
    const [ada, eve] = [await rich(), await rich()];
    await put(ada, 'team');
    expect(await get(eve)).toMatchObject({ plan: { plan_id: 'pay-as-you-go' } });
    expect([await balance(eve), await fees(eve), await deeds(eve)]).toEqual(['100.00', [], []]);
    const other = { as: eve.token, headers: { 'x-organization-id': ada.organizationId } };
    expect((await platform.call('GET /v1/billing/plan', other)).status).toBe(404);
  });
});

describe('an upgrade hint', () => {
  const use = (
    { organizationId }: TestPerson,
    ...changes: readonly Parameters<typeof testGeneration>[1][]
  ) =>
    settleGenerations(
      platform.ctx,
      changes.map((change) =>
        printGeneration(testGeneration(organizationId, { startedAtMs: NOW - 1, ...change })),
      ),
    );

  test('names the plan that would have saved most in the last thirty days, and how much', async () => {
    const ada = await rich(10_000);
    const day = 86_400_000;
    await use(
      ada,
      { billingTier: 'fast', costNano: usd(400), startedAtMs: NOW - 30 * day },
      { billingTier: 'balanced', costNano: usd(100) },
      { billingTier: 'passthrough', costNano: usd(100) },
      // Too long ago, and yet to come.
      { billingTier: 'fast', costNano: usd(5_000), startedAtMs: NOW - 30 * day - 1 },
      { billingTier: 'fast', costNano: usd(1_000), startedAtMs: NOW },
    );
    expect(await get(ada, 'upgrade-hint')).toEqual({
      hint: {
        recommend_plan: 'partner',
        savings_pct: 8,
        savings_usd: '50.00',
        reason:
          'On Partner, the last 30 days would have cost 550.00 USD instead of 600.00 USD on Pay as you go, with the monthly fee of each.',
      },
    });
  });

  test('is null without usage, and for whoever has the best plan already', async () => {
    const ada = await rich(10_000);
    expect(await get(ada, 'upgrade-hint')).toEqual({ hint: null });
    await use(ada, { billingTier: 'fast', costNano: usd(300) });
    await put(ada, 'partner');
    expect(await get(ada, 'upgrade-hint')).toEqual({ hint: null });
  });

  test('brings what was charged under a plan back to the price without one', async () => {
    const ada = await rich(10_000);
    await put(ada, 'business');
    const version = 'prc_under0business';
    const terms = {
      tier: 'fast',
      price: { input: '1', output: '1' },
      factor: '1',
      fee_usd: '0',
      cache_hit_share: '0.25',
      plan_share: '0.75',
    };
    const line = JSON.parse(
      printGeneration(
        testGeneration(ada.organizationId, {
          startedAtMs: NOW - 1,
          costNano: usd(75),
          priceVersion: version,
        }),
      ),
    );
    await settleGenerations(platform.ctx, [
      JSON.stringify({ ...line, tariff: { version, terms } }),
    ]);
    // 100 without a plan: 90 on Partner, 90 + 75 on Business.
    expect((await get(ada, 'upgrade-hint')).hint).toMatchObject({
      recommend_plan: 'partner',
      savings_usd: '75.00',
      savings_pct: 45,
    });
    await put(ada, 'partner');
    expect(await get(ada, 'upgrade-hint')).toEqual({ hint: null });
  });
});

test('without any plan in the file there is one, it is what everybody has, and nothing is recommended', async () => {
  const plain = await createTestPlatform();
  const ada = await plain.signUp('ada');
  await credit(plain.ctx, { ...ada, amountNano: usd(1_000), reason: 'test' });
  await settleGenerations(plain.ctx, [
    printGeneration(
      testGeneration(ada.organizationId, { costNano: usd(900), startedAtMs: plain.time.nowMs - 1 }),
    ),
  ]);
  const read = async (path: string) =>
    (await plain.call(`GET /v1/billing/${path}`, { as: ada.token })).body;
  expect((await read('plans')).data).toMatchObject([{ plan_id: 'pay-as-you-go' }]);
  expect(await read('upgrade-hint')).toEqual({ hint: null });
  const answer = await plain.call('PUT /v1/billing/plan', {
    as: ada.token,
    body: { plan: 'pay-as-you-go' },
  });
  expect([answer.status, answer.body.plan.plan_id]).toEqual([200, 'pay-as-you-go']);
  await plain.close();
});
