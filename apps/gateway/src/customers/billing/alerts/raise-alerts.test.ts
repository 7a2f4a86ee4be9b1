import { nanoUsd } from '@sealgate/contract';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../../platform/context.ts';
import {
  alertMessages,
  alerts,
  apiKeys,
  budgets,
  inSystem,
  inTenant,
  memberships,
  organizations,
  outboxMails,
  wallets,
} from '../../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/db/testing.ts';
import { testContext } from '../../../platform/testing-context.ts';
import { updateKey } from '../../keys/index.ts';
import { plantOrganization } from '../../organizations/testing.ts';
import { adjust, credit } from '../index.ts';
import { raiseAlerts } from './raise-alerts.ts';
import {
  mailsIn,
  MONTH,
  plantCappedKey,
  plantMember,
  raisedIn,
  spend,
  type Spending,
} from './testing.ts';

const DOLLAR = 1_000_000_000n;

let database: TestDatabase;
let ctx: Context;
let nowMs: number;
beforeAll(async () => {
  database = await createTestDatabase();
  nowMs = Date.UTC(2026, 0, 2);
  // Each look at the clock is later than the one before, so that alerts have an order.
  ctx = testContext(database, { clock: () => (nowMs += 1) });
});
afterAll(() => database.close());
afterEach(async () => {
  await database.admin.delete(outboxMails);
  await database.admin.execute(sql`delete from graphile_worker._private_jobs`);
});

const waitingJobs = async (task: string): Promise<number> => {
  const { rows } = await database.admin.execute(
    sql`select from graphile_worker.jobs where task_identifier = ${task}`,
  );
  return rows.length;
};
const messagesOf = (organizationId: string) =>
  database.admin
    .select()
    .from(alertMessages)
    .where(eq(alertMessages.organizationId, organizationId))
    .orderBy(alertMessages.id);

describe('a threshold', () => {
  test('is raised when it is reached, not before, and once', async () => {
    const { organizationId, keyId, spending } = await plantCappedKey(ctx);
    await spend(ctx, [{ ...spending, nano: 5n * DOLLAR - 1n }]);
    expect(await raisedIn(database, organizationId)).toEqual([]);
    expect(await spend(ctx, [{ ...spending, nano: 1n }])).toMatchObject([
      { scope: 'key', subject: keyId, threshold: 50, spentNano: 5n * DOLLAR },
    ]);
    expect(await spend(ctx, [{ ...spending, nano: 1n }])).toEqual([]);
    await spend(ctx, [{ ...spending, nano: 10n * DOLLAR }]);
    expect(await raisedIn(database, organizationId)).toEqual([
      `key ${keyId} 50`,
      `key ${keyId} 80`,
      `key ${keyId} 100`,
    ]);
  });

  test('is raised anew in another month', async () => {
    const { organizationId, keyId, spending } = await plantCappedKey(ctx);
    await spend(ctx, [{ ...spending, nano: 6n * DOLLAR }]);
    await spend(ctx, [{ ...spending, nano: 6n * DOLLAR, month: '2026-02' }]);
    expect(await raisedIn(database, organizationId)).toEqual([
      `key ${keyId} 50`,
      `key ${keyId} 50`,
    ]);
  });

  test('of a key without a cap, or of another organization, or before anything was spent, is none', async () => {
    const { organizationId, spending } = await plantCappedKey(ctx, { monthlySpendCapNano: null });
    const other = await plantCappedKey(ctx, { monthlySpendCapNano: nanoUsd(0n) });
    await spend(ctx, [
      { ...spending, nano: 100n * DOLLAR },
      { ...spending, subject: other.keyId, nano: 100n * DOLLAR },
      { ...other.spending, nano: 0n },
    ]);
    expect(await raisedIn(database, organizationId)).toEqual([]);
    expect(await raisedIn(database, other.organizationId)).toEqual([]);
  });

  test('is exact for the largest amounts that the books can hold', async () => {
    const cap = nanoUsd(9_000_000_000n * DOLLAR);
    const { organizationId, keyId, spending } = await plantCappedKey(ctx, {
      monthlySpendCapNano: cap,
      alertThresholds: [99, 100],
    });
    await spend(ctx, [{ ...spending, nano: (cap * 99n) / 100n }]);
    await spend(ctx, [{ ...spending, nano: cap / 100n - 1n }]);
    expect(await raisedIn(database, organizationId)).toEqual([`key ${keyId} 99`]);
    await spend(ctx, [{ ...spending, nano: 1n }]);
    expect(await raisedIn(database, organizationId)).toEqual([
      `key ${keyId} 99`,
      `key ${keyId} 100`,
    ]);
  });

  test('of the quotas of an organization and its members is the organization’s', async () => {
    const { id: organizationId } = await plantOrganization(ctx);
    const userId = await plantMember(database, ctx, {
      organizationId,
      name: 'quota',
      role: 'owner',
    });
    await database.admin
      .update(organizations)
      .set({ monthlySpendQuotaNano: 10n * DOLLAR, alertThresholds: [10, 90] })
      .where(eq(organizations.id, organizationId));
    await database.admin
      .update(memberships)
      .set({ monthlySpendQuotaNano: 2n * DOLLAR })
      .where(eq(memberships.userId, userId));
    await spend(ctx, [
      { organizationId, scope: 'organization', subject: organizationId, nano: DOLLAR },
      { organizationId, scope: 'member', subject: userId, nano: DOLLAR },
    ]);
    await spend(ctx, [{ organizationId, scope: 'member', subject: userId, nano: DOLLAR }]);
    expect(await raisedIn(database, organizationId)).toEqual([
      `member ${userId} 10`,
      `organization ${organizationId} 10`,
      `member ${userId} 90`,
    ]);
  });

  test('that a lowered cap, or another threshold, has reached is raised at once', async () => {
    const { organizationId, keyId, spending } = await plantCappedKey(ctx);
    await spend(ctx, [{ ...spending, nano: 4n * DOLLAR }]);
    expect(await raisedIn(database, organizationId)).toEqual([]);
    const reference = { id: keyId, organizationId };
    await updateKey(ctx, reference, { alertThresholds: [40] });
    await updateKey(ctx, reference, { monthlySpendCapNano: nanoUsd(4n * DOLLAR) });
    expect(await raisedIn(database, organizationId)).toEqual([`key ${keyId} 40`]);
    await updateKey(ctx, reference, { alertThresholds: [50, 100] });
    expect(await raisedIn(database, organizationId)).toEqual([
      `key ${keyId} 40`,
      `key ${keyId} 50`,
      `key ${keyId} 100`,
    ]);
  });
});

test('a cap that is changed while a charge is on its way comes before or after it: nothing falls in between', async () => {
  const { organizationId, keyId, spending } = await plantCappedKey(ctx);
  let [tellCharged, commit] = [(): void => undefined, (): void => undefined];
  const charged = new Promise<void>((resolve) => (tellCharged = resolve));
  const committing = new Promise<void>((resolve) => (commit = resolve));
  const charging = inSystem(ctx, async (transaction) => {
    await transaction
      .update(wallets)
      .set({ balanceNano: 0n })
      .where(eq(wallets.organizationId, organizationId));
    const budget = { ...spending, month: MONTH };
    await transaction.insert(budgets).values({ ...budget, spentNano: 4n * DOLLAR });
    expect(await raiseAlerts(transaction, ctx, { budgets: [budget], wallets: [] })).toEqual([]);
    tellCharged();
    await committing;
  });
  await charged;
  let isUpdated = false;
  const change = { monthlySpendCapNano: nanoUsd(4n * DOLLAR) };
  const updating = updateKey(ctx, { id: keyId, organizationId }, change).then(() => {
    isUpdated = true;
  });
  const waiting = sql`select from pg_locks where not granted`;
  await expect
    .poll(async () => isUpdated || (await database.admin.execute(waiting)).rows.length > 0)
    .toBe(true);
  commit();
  await Promise.all([charging, updating]);
  expect(await raisedIn(database, organizationId)).toHaveLength(3);
});

describe('an alert', () => {
  const alertWebhook = { url: 'https://hooks.example.com/' };

  test('is decided together with what is sent: with a transaction that is taken back nothing remains', async () => {
    const { organizationId, spending } = await plantCappedKey(ctx, { alertWebhook });
    await plantMember(database, ctx, { organizationId, name: 'undone', role: 'owner' });
    const undone = inSystem(ctx, async (transaction) => {
      await transaction.execute(sql`
        insert into budgets (organization_id, scope, subject, month, spent_nano)
        values (${organizationId}, 'key', ${spending.subject}, ${MONTH}, ${10n * DOLLAR})`);
      const touched = { budgets: [{ ...spending, month: MONTH }], wallets: [] };
      expect(await raiseAlerts(transaction, ctx, touched)).toHaveLength(3);
      throw new Error('taken back');
    });
    await expect(undone).rejects.toThrow('taken back');
    expect(await raisedIn(database, organizationId)).toEqual([]);
    expect(await messagesOf(organizationId)).toEqual([]);
    expect([await waitingJobs('send-alert'), await waitingJobs('send-mail')]).toEqual([0, 0]);
    await spend(ctx, [{ ...spending, nano: 10n * DOLLAR }]);
    expect(await raisedIn(database, organizationId)).toHaveLength(3);
    expect(await messagesOf(organizationId)).toHaveLength(3);
    expect([await waitingJobs('send-alert'), await waitingJobs('send-mail')]).toEqual([3, 3]);
  });

  test('of a key says to its webhook what was reached, where months begin where the organization is', async () => {
    const { organizationId, keyId, spending } = await plantCappedKey(ctx, {
      alertWebhook,
      alertThresholds: [80],
    });
    await database.admin
      .update(organizations)
      .set({ timeZone: 'America/New_York', alertWebhookUrl: 'https://other.example.com/' })
      .where(eq(organizations.id, organizationId));
    await spend(ctx, [{ ...spending, nano: 8_000_000_001n }]);
    const [message, ...others] = await messagesOf(organizationId);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ keyId, state: 'pending', attempts: 0 });
    expect(JSON.parse(message?.body ?? '')).toEqual({
      type: 'key.spend_threshold_reached',
      timestamp: message?.createdAt.toISOString(),
      data: {
        org_id: organizationId,
        key_id: keyId,
        threshold: 80,
        spent_usd: '8.000000001',
        cap_usd: '10.00',
        month: '2026-01',
        resets_at: '2026-02-01T05:00:00.000Z',
      },
    });
  });

  test('of members, the organization, its wallet and keys without a webhook goes to the organization’s', async () => {
    const { organizationId, keyId, spending } = await plantCappedKey(ctx);
    const userId = await plantMember(database, ctx, { organizationId, name: 'all', role: 'owner' });
    const alertWebhookUrl = 'https://hooks.example.com/';
    await database.admin
      .update(organizations)
      .set({
        monthlySpendQuotaNano: 10n * DOLLAR,
        alertThresholds: [100],
        alertWebhookUrl,
        lowBalanceAlertNano: 5n * DOLLAR,
      })
      .where(eq(organizations.id, organizationId));
    await database.admin
      .update(memberships)
      .set({ monthlySpendQuotaNano: 10n * DOLLAR })
      .where(eq(memberships.userId, userId));
    await updateKey(ctx, { id: keyId, organizationId }, { alertThresholds: [100] });
    const nano = 10n * DOLLAR;
    await spend(ctx, [
      { ...spending, nano },
      { organizationId, scope: 'member', subject: userId, nano },
      { organizationId, scope: 'organization', subject: organizationId, nano },
    ]);
    const messages = await messagesOf(organizationId);
    expect(messages.map(({ keyId: owner }) => owner)).toEqual([null, null, null, null]);
    const bodies = messages.map(({ body }) => JSON.parse(body) as { type: string; data: object });
    const reached = {
      org_id: organizationId,
      threshold: 100,
      spent_usd: '10.00',
      cap_usd: '10.00',
      month: MONTH,
      resets_at: '2026-02-01T00:00:00.000Z',
    };
    const data = new Map(bodies.map((body) => [body.type, body.data]));
    expect(Object.fromEntries(data)).toEqual({
      'key.spend_threshold_reached': { ...reached, key_id: keyId },
      'member.spend_threshold_reached': { ...reached, user_id: userId },
      'organization.spend_threshold_reached': reached,
      'wallet.low_balance': {
        org_id: organizationId,
        balance_usd: '0.00',
        low_balance_alert_usd: '5.00',
      },
    });
  });

  test('is mailed once to the owner and to each admin, in their language, and to nobody else', async () => {
    const { organizationId, keyId, spending } = await plantCappedKey(ctx, {
      alertThresholds: [50, 80],
    });
    const member = (name: string, role: 'owner' | 'admin' | 'developer', changes: object = {}) =>
      plantMember(database, ctx, { organizationId, name, role, changes });
    const ownerId = await member('mail-owner', 'owner', { locale: 'de' });
    await member('mail-admin', 'admin');
    await member('mail-developer', 'developer');
    await member('mail-unconfirmed', 'admin', { emailVerifiedAt: null });
    await member('mail-gone', 'admin', { deactivatedAt: new Date() });
    await member('mail-erased', 'admin', { email: null });
    await spend(ctx, [{ ...spending, nano: 8_100_000_000n }]);
    const mails = await mailsIn(database, ctx);
    const content = {
      template: 'limit-reached',
      organizationName: 'Personal',
      scope: 'key',
      subjectName: 'prod-2026',
      spentUsd: '8.10',
      limitUsd: '10.00',
      month: MONTH,
      resetsOn: '2026-02-01',
      timeZone: 'UTC',
    };
    const expected = [50, 80].flatMap((threshold) => [
      {
        to: 'mail-owner@example.com',
        locale: 'de',
        userId: ownerId,
        content: { ...content, threshold },
      },
      {
        to: 'mail-admin@example.com',
        locale: 'en',
        userId: expect.any(String) as string,
        content: { ...content, threshold },
      },
    ]);
    expect(mails).toHaveLength(4);
    expect(mails).toEqual(expect.arrayContaining(expected));
    expect(await messagesOf(organizationId)).toEqual([]);

    await database.admin
      .update(organizations)
      .set({ areAlertsMailed: false })
      .where(eq(organizations.id, organizationId));
    await updateKey(ctx, { id: keyId, organizationId }, { alertThresholds: [81] });
    expect(await raisedIn(database, organizationId)).toHaveLength(3);
    expect(await mailsIn(database, ctx)).toHaveLength(4);
  });

  test('takes one statement as long as nothing is due, however many budgets changed', async () => {
    const { organizationId, spending } = await plantCappedKey(ctx);
    await spend(ctx, [{ ...spending, nano: 6n * DOLLAR }]);
    const statements: string[] = [];
    const client = await database.pool.connect();
    await client.query(`begin; select set_config('sealgate.scope', 'system', true)`);
    const transaction = drizzle(client, {
      logger: { logQuery: (statement) => void statements.push(statement) },
    });
    const changed = Array.from({ length: 500 }, (_, index) => ({
      ...spending,
      month: MONTH,
      subject: index === 0 ? spending.subject : `key_${index}`,
    }));
    const touched = { budgets: changed, wallets: [organizationId] };
    const raised = await raiseAlerts(transaction, ctx, touched);
    await raiseAlerts(transaction, ctx, { budgets: [], wallets: [] });
    await client.query('rollback');
    client.release();
    expect(raised).toEqual([]);
    expect(statements).toHaveLength(1);
  });

  test('of many organizations at once goes to each its own', async () => {
    const planted = await Promise.all(
      Array.from({ length: 6 }, () => plantCappedKey(ctx, { alertWebhook })),
    );
    await spend(
      ctx,
      planted.map(({ spending }) => ({ ...spending, nano: 5n * DOLLAR })),
    );
    for (const { organizationId, keyId } of planted) {
      expect(await raisedIn(database, organizationId)).toEqual([`key ${keyId} 50`]);
      expect(await messagesOf(organizationId)).toMatchObject([{ organizationId, keyId }]);
    }
  });

  test('is raised by one of many who find it due at the same moment', async () => {
    const { organizationId, keyId, spending } = await plantCappedKey(ctx, { alertWebhook });
    await database.admin
      .insert(budgets)
      .values({ ...spending, month: MONTH, spentNano: 10n * DOLLAR });
    const touched = { budgets: [{ ...spending, month: MONTH }], wallets: [] };
    const raised = await Promise.all(
      Array.from({ length: 8 }, () =>
        inSystem(ctx, (transaction) => raiseAlerts(transaction, ctx, touched)),
      ),
    );
    const told = raised.flat().map((alert) => ('threshold' in alert ? alert.threshold : 0));
    expect(told.toSorted((one, other) => one - other)).toEqual([50, 80, 100]);
    expect(await raisedIn(database, organizationId)).toHaveLength(3);
    expect(await messagesOf(organizationId)).toMatchObject([{ keyId }, { keyId }, { keyId }]);
  });

  test('is seen and written by its own organization only', async () => {
    const { organizationId, spending } = await plantCappedKey(ctx, { alertWebhook });
    const other = await plantOrganization(ctx);
    await spend(ctx, [{ ...spending, nano: 5n * DOLLAR }]);
    for (const table of [alerts, alertMessages]) {
      const seenBy = (id: string) =>
        inTenant(ctx, id, (transaction) => transaction.select().from(table));
      expect(await seenBy(organizationId)).toHaveLength(1);
      expect(await seenBy(other.id)).toEqual([]);
    }
  });
});

describe('a low balance', () => {
  const plant = async () => {
    const { id } = await plantOrganization(ctx, nanoUsd(10n * DOLLAR));
    await database.admin
      .update(organizations)
      .set({ lowBalanceAlertNano: 5n * DOLLAR })
      .where(eq(organizations.id, id));
    const use = (nano: bigint) =>
      spend(ctx, [{ organizationId: id, scope: 'organization', subject: id, nano }]);
    const top = (nano: bigint) =>
      credit(ctx, { organizationId: id, amountNano: nanoUsd(nano), reason: 'test' });
    return { id, use, top };
  };

  test('is told once when it sinks below what was named, and again after it was enough', async () => {
    const { id, use, top } = await plant();
    await use(5n * DOLLAR);
    expect(await raisedIn(database, id)).toEqual([]);
    expect(await use(1n)).toMatchObject([{ scope: 'wallet', balanceNano: 5n * DOLLAR - 1n }]);
    await use(DOLLAR);
    await top(DOLLAR / 2n);
    await use(1n);
    expect(await raisedIn(database, id)).toEqual([`wallet ${id}`]);
    await top(2n * DOLLAR);
    await use(DOLLAR / 2n);
    expect(await raisedIn(database, id)).toEqual([`wallet ${id}`]);
    await use(2n * DOLLAR);
    expect(await raisedIn(database, id)).toEqual([`wallet ${id}`, `wallet ${id}`]);
  });

  test('is told of whatever took the money, also below nothing', async () => {
    const { id } = await plant();
    const amountNano = nanoUsd(-11n * DOLLAR);
    await adjust(ctx, { organizationId: id, amountNano, reason: 'test' });
    const [alert] = await database.admin.select().from(alerts).where(eq(alerts.organizationId, id));
    expect(alert).toMatchObject({ scope: 'wallet', amountNano: -DOLLAR, limitNano: 5n * DOLLAR });
  });

  test('is not told of money that is only set aside for requests that run: it comes back', async () => {
    const { id, use } = await plant();
    await database.admin
      .update(wallets)
      .set({ heldNano: 9n * DOLLAR })
      .where(eq(wallets.organizationId, id));
    await use(1n);
    expect(await raisedIn(database, id)).toEqual([]);
  });

  test('is told once by many processes that charge at the same time', async () => {
    const { id, use } = await plant();
    await Promise.all(Array.from({ length: 12 }, () => use(DOLLAR / 2n)));
    expect(await raisedIn(database, id)).toEqual([`wallet ${id}`]);
  });
});

describe('whatever happens in a month', () => {
  const amount = fc.bigInt({ min: 0n, max: 4n * DOLLAR });
  const cap = fc.option(fc.bigInt({ min: 0n, max: 20n * DOLLAR }), { nil: null });
  const THRESHOLDS = [1, 50, 80, 100];

  test('each threshold is raised exactly once, at the first moment that it is reached, though the cap changes in between', async () => {
    const happening = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('spend' as const), amount }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cap' as const), cap }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 15 }), async (happenings) => {
        const { organizationId, keyId, spending } = await plantCappedKey(ctx, {
          alertThresholds: THRESHOLDS,
        });
        const reference = { id: keyId, organizationId };
        const expected: string[] = [];
        let spent = 0n;
        let limit: bigint | null = 10n * DOLLAR;
        for (const each of happenings) {
          if (each.kind === 'spend') {
            spent += each.amount;
            await spend(ctx, [{ ...spending, nano: each.amount }]);
          } else {
            limit = each.cap;
            const monthlySpendCapNano = each.cap === null ? null : nanoUsd(each.cap);
            await updateKey(ctx, reference, { monthlySpendCapNano });
          }
          for (const threshold of THRESHOLDS) {
            const name = `key ${keyId} ${threshold}`;
            const isReached =
              limit !== null && spent > 0n && spent * 100n >= limit * BigInt(threshold);
            if (isReached && !expected.includes(name)) expected.push(name);
          }
          expect(await raisedIn(database, organizationId)).toEqual(expected);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('each threshold is raised exactly once by batches that are settled at the same time, and caps that are changed meanwhile', async () => {
    const batch = fc.record({
      amounts: fc.array(amount, { minLength: 1, maxLength: 4 }),
      cap: fc.option(fc.bigInt({ min: DOLLAR, max: 20n * DOLLAR }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 2, maxLength: 8 }), async (batches) => {
        const planted = await Promise.all(
          [0, 1].map(() => plantCappedKey(ctx, { alertThresholds: THRESHOLDS })),
        );
        await Promise.all(
          batches.flatMap(({ amounts, cap }, index) => {
            const spendings = amounts.map((nano, at): Spending => {
              const { spending } = planted[(index + at) % 2] ?? { spending: undefined };
              if (spending === undefined) throw new Error('nothing was planted');
              return { ...spending, nano };
            });
            const { keyId, organizationId } = planted[index % 2] ?? {};
            if (cap === undefined || keyId === undefined || organizationId === undefined) {
              return [spend(ctx, spendings)];
            }
            const change = { monthlySpendCapNano: nanoUsd(cap) };
            return [spend(ctx, spendings), updateKey(ctx, { id: keyId, organizationId }, change)];
          }),
        );
        for (const { organizationId, keyId } of planted) {
          const raised = await raisedIn(database, organizationId);
          expect(new Set(raised).size).toBe(raised.length);
          // What is reached in the end was told, by whoever came last.
          const [row] = await database.admin
            .select({
              spent: sql<string>`(select spent_nano from budgets where subject = ${keyId})::text`,
              cap: apiKeys.monthlySpendCapNano,
            })
            .from(apiKeys)
            .where(eq(apiKeys.id, keyId));
          const [spent, cap] = [BigInt(row?.spent ?? 0), row?.cap ?? 0n];
          const reached = THRESHOLDS.filter(
            (threshold) => spent > 0n && spent * 100n >= cap * BigInt(threshold),
          );
          expect(raised).toEqual(
            expect.arrayContaining(reached.map((threshold) => `key ${keyId} ${threshold}`)),
          );
        }
      }),
      { numRuns: 30 },
    );
  });
});
