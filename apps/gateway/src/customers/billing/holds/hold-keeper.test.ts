import { nanoUsd } from '@sealgate/contract';
import { and, eq, sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { apiKeys, budgets, gatewayInstances } from '../../../platform/db/index.ts';
import { createFragileDatabase } from '../../../platform/db/testing-outage.ts';
import { newId } from '../../../platform/ids.ts';
import type { Refusal } from '../../../platform/refusal.ts';
import { reconcile } from '../ledger/reconcile.ts';
import { HoldWorld, type Limits } from './testing.ts';

let world: HoldWorld;
beforeAll(async () => {
  world = await HoldWorld.create();
});
afterAll(() => world.close());

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await world.stopProcesses();
  for (const end of endings.splice(0)) await end();
});

const refusalOf = (work: Promise<unknown>): Promise<Refusal> =>
  work.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: Refusal) => error,
  );

function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('there is nothing to pick');
  return item;
}

const expectBalancedBooks = async (): Promise<void> => {
  expect((await reconcile(world.database)).discrepancies).toEqual([]);
};

describe('each limit alone', () => {
  test.each<[string, Limits, string, number]>([
    ['the wallet', { wallet: 30n }, 'account_suspended', 402],
    ['the organization’s quota', { organization: 30n }, 'tenant_monthly_quota_exceeded', 429],
    ['the member’s quota', { member: 30n }, 'tenant_monthly_quota_exceeded', 429],
    ['the key’s cap', { key: 30n }, 'key_monthly_cap_exceeded', 429],
  ])(
    '%s admits what fits to the last nano-dollar, and no more',
    async (_name, limits, code, status) => {
      const process = await world.start();
      const payer = await world.plantPayer(limits);
      const holds = [await process.take(payer, 10n), await process.take(payer, 20n)];
      const refusal = await refusalOf(process.take(payer, 1n));
      expect([refusal.code, refusal.row.status]).toEqual([code, status]);
      for (const hold of holds) process.settle(payer, hold, hold.amountNano);
      await process.flush();
      expect(await world.spentOf(payer)).toBe(30n);
      const after = await refusalOf(process.take(payer, 1n));
      expect(after.code).toBe(code);
      await expectBalancedBooks();
    },
  );

  test('a refusal tells whose limit it is, how much is missing, and when the month ends', async () => {
    const process = await world.start();
    const payer = await world.plantPayer({ key: 30n });
    process.settle(payer, await process.take(payer, 25n), 25n);
    await process.flush();
    const refusal = await refusalOf(process.take(payer, 6n));
    expect(refusal.details).toMatchObject({
      isRetryUseful: false,
      retryAfterSeconds: 17 * 86_400,
      facts: {
        limit_source: 'key',
        limit: '0.00000003',
        used: '0.000000025',
        held: '0.00',
        needed: '0.000000006',
        resets_at: '2026-02-01T00:00:00.000Z',
      },
    });
    expect(refusal.message).toContain('can cost up to 0.000000006 USD');
    expect(refusal.message).toContain('leaves 0.000000005 USD');
  });

  test('a refusal that only running requests cause says that another try makes sense', async () => {
    const process = await world.start();
    const payer = await world.plantPayer({ key: 30n });
    const running = await process.take(payer, 25n);
    const { details } = await refusalOf(process.take(payer, 6n));
    expect(details).toMatchObject({ isRetryUseful: true, retryAfterSeconds: 2 });
    running.release();
    expect((await process.take(payer, 6n)).amountNano).toBe(6n);
  });

  test('what cannot cost anything needs no money', async () => {
    const process = await world.start();
    const payer = await world.plantPayer({ wallet: 0n });
    const hold = await process.take(payer, 0n);
    expect([hold.leaseId, hold.settle(nanoUsd(0n))]).toEqual([undefined, 0n]);
  });
});

describe('many at once', () => {
  test.each([1, 3])(
    '%i process(es): of 500 equal requests exactly as many run as the cap is worth',
    async (count) => {
      const PRICE = 7n;
      const WORTH = 123;
      const processes = await Promise.all(Array.from({ length: count }, () => world.start()));
      const payer = await world.plantPayer({ key: PRICE * BigInt(WORTH) + 3n });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 500 }, async (_, index) => {
          const process = processes[index % count];
          if (process === undefined) throw new Error('impossible');
          process.settle(payer, await process.take(payer, PRICE), PRICE);
        }),
      );
      const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      expect(500 - refused.length).toBe(WORTH);
      expect(new Set(refused.map((reason: Refusal) => reason.code))).toEqual(
        new Set(['key_monthly_cap_exceeded']),
      );
      for (const process of processes) await process.flush();
      expect(await world.spentOf(payer)).toBe(PRICE * BigInt(WORTH));
      await expectBalancedBooks();
    },
  );

  test('several keys of one organization share its wallet to the last nano-dollar', async () => {
    const processes = await Promise.all([world.start(), world.start()]);
    const first = await world.plantPayer({ wallet: 1_000n });
    const payers = [first, await world.plantKey(first), await world.plantKey(first)];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 300 }, async (_, index) => {
        const [process, payer] = [pick(processes, index), pick(payers, index)];
        process.settle(payer, await process.take(payer, 5n), 5n);
      }),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(200);
    for (const process of processes) await process.flush();
    await expectBalancedBooks();
  });

  test('requests that cost less than they may make room for those that wait', async () => {
    const process = await world.start();
    const payer = await world.plantPayer({ key: 100n });
    const running = await Promise.all([process.take(payer, 50n), process.take(payer, 50n)]);
    const waiting = process.take(payer, 80n);
    for (const hold of running) process.settle(payer, hold, 10n);
    expect((await waiting).amountNano).toBe(80n);
  });
});

describe('a lease', () => {
  test('serves many requests without asking the database again', async () => {
    const fragile = await createFragileDatabase(world.database);
    endings.push(() => fragile.close());
    const process = await world.start({ database: fragile });
    const payer = await world.plantPayer();
    process.settle(payer, await process.take(payer, 1_000n), 1n);
    await fragile.cut();
    for (let count = 0; count < 100; count += 1) {
      const hold = process.keeper.take(payer, nanoUsd(1_000n));
      expect(hold).not.toBeInstanceOf(Promise);
      process.settle(payer, await hold, 1n);
    }
    await fragile.mend();
  });

  test('lasts no longer than others believe this process alive: then the database is asked, or 503', async () => {
    const fragile = await createFragileDatabase(world.database);
    endings.push(() => fragile.close());
    const process = await world.start({ database: fragile });
    const payer = await world.plantPayer();
    (await process.take(payer, 10n)).release();
    await fragile.cut();
    process.time.monotonicMs += 25_001;
    const refusal = await refusalOf(process.take(payer, 10n));
    expect([refusal.code, refusal.row.status]).toEqual(['service_unavailable', 503]);
    await fragile.mend();
    // Sessions that broke meanwhile are found out one by one.
    const isBack = () =>
      process.take(payer, 10n).then(
        ({ amountNano }) => amountNano,
        () => 0n,
      );
    await expect.poll(isBack).toBe(10n);
  });

  test('that nobody uses is given back, with what was charged to it kept', async () => {
    const process = await world.start();
    const payer = await world.plantPayer();
    process.settle(payer, await process.take(payer, 1_000n), 300n);
    expect(await world.heldOf(payer)).toBeGreaterThan(0n);
    process.time.monotonicMs += 6_000;
    await process.keeper.tend();
    expect(await world.heldOf(payer)).toBe(0n);
    expect(await world.spentOf(payer)).toBe(300n);
    await expectBalancedBooks();
  });

  test('with a running request stays, however long it runs', async () => {
    const process = await world.start();
    const payer = await world.plantPayer({ key: 1_000n });
    const hold = await process.take(payer, 1_000n);
    process.time.monotonicMs += 3_600_000;
    await process.keeper.tend();
    expect(await world.heldOf(payer)).toBe(1_000n);
    process.settle(payer, hold, 1_000n);
    await process.flush();
    expect(await world.spentOf(payer)).toBe(1_000n);
  });

  test('is given back when its process stops', async () => {
    const process = await world.start();
    const payer = await world.plantPayer();
    process.settle(payer, await process.take(payer, 1_000n), 300n);
    await process.keeper.close();
    expect(await world.heldOf(payer)).toBe(0n);
    const rows = await world.database.admin
      .select()
      .from(gatewayInstances)
      .where(eq(gatewayInstances.id, process.instanceId));
    expect(rows).toEqual([]);
  });

  test('of a new month is another one: what ends now counts where it began', async () => {
    const process = await world.start();
    const payer = await world.plantPayer({ key: 1_000n });
    const before = await process.take(payer, 900n);
    process.time.nowMs = Date.UTC(2026, 1, 1);
    const after = await process.take(payer, 1_000n);
    expect([before.month, after.month]).toEqual(['2026-01', '2026-02']);
    process.settle(payer, before, 900n);
    process.settle(payer, after, 1_000n);
    await process.flush();
    const rows = await world.database.admin
      .select({ month: budgets.month, spentNano: budgets.spentNano })
      .from(budgets)
      .where(and(eq(budgets.organizationId, payer.organizationId), eq(budgets.scope, 'key')))
      .orderBy(budgets.month);
    expect(rows).toEqual([
      { month: '2026-01', spentNano: 900n },
      { month: '2026-02', spentNano: 1_000n },
    ]);
  });

  test('is asked back when a limit changes, so that the new limit holds', async () => {
    const process = await world.start();
    const payer = await world.plantPayer({ key: 10_000n });
    process.settle(payer, await process.take(payer, 100n), 100n);
    await process.flush();
    await world.database.admin
      .update(apiKeys)
      .set({ monthlySpendCapNano: 250n })
      .where(eq(apiKeys.id, payer.keyId));
    await expect.poll(() => world.heldOf(payer)).toBe(0n);
    process.settle(payer, await process.take(payer, 100n), 100n);
    expect((await refusalOf(process.take(payer, 51n))).code).toBe('key_monthly_cap_exceeded');
  });
});

describe('a process that is killed', () => {
  test('gives its money back to its next run, after what its journal says was charged', async () => {
    const directoryId = newId('instance');
    const killed = await world.start({ directoryId });
    const payer = await world.plantPayer({ key: 1_000n });
    killed.settle(payer, await killed.take(payer, 400n), 350n);
    await killed.take(payer, 500n);
    const next = await world.start({ directoryId, journal: killed.journal });
    await next.keeper.tend();
    await next.keeper.tend();
    expect([await world.heldOf(payer), await world.spentOf(payer)]).toEqual([0n, 350n]);
    expect((await next.take(payer, 650n)).amountNano).toBe(650n);
    await expectBalancedBooks();
  });

  test('and never comes back loses its money to the others', async () => {
    const killed = await world.start();
    const survivor = await world.start();
    const payer = await world.plantPayer({ key: 1_000n });
    await killed.take(payer, 900n);
    expect((await refusalOf(survivor.take(payer, 900n))).code).toBe('key_monthly_cap_exceeded');
    await world.silence(killed);
    await survivor.keeper.tend();
    expect(await world.heldOf(payer)).toBe(0n);
    expect((await survivor.take(payer, 900n)).amountNano).toBe(900n);
  });

  test('and tells later what it did is charged as far as the cap leaves room; the rest is written off', async () => {
    const killed = await world.start();
    const survivor = await world.start();
    const payer = await world.plantPayer({ key: 1_000n });
    killed.settle(payer, await killed.take(payer, 400n), 400n);
    await world.silence(killed);
    await survivor.keeper.tend();
    survivor.settle(payer, await survivor.take(payer, 700n), 700n);
    await survivor.flush();
    await killed.flush();
    expect(await world.spentOf(payer)).toBe(1_000n);
    const { rows } = await world.database.admin.execute<{ paid: string; lost: string }>(sql`
      select cost_nano::text as paid, written_off_nano::text as lost from generations
      where key_id = ${payer.keyId} order by cost_nano`);
    expect(rows).toEqual([
      { paid: '300', lost: '100' },
      { paid: '700', lost: '0' },
    ]);
    await expectBalancedBooks();
  });

  test('that was only asleep asks anew for whatever it admits from then on', async () => {
    const sleeper = await world.start();
    const survivor = await world.start();
    const payer = await world.plantPayer({ key: 1_000n });
    (await sleeper.take(payer, 10n)).release();
    await world.silence(sleeper);
    await survivor.keeper.tend();
    const hold = await survivor.take(payer, 1_000n);
    sleeper.time.monotonicMs += 60_000;
    expect((await refusalOf(sleeper.take(payer, 10n))).code).toBe('key_monthly_cap_exceeded');
    hold.release();
  });
});

describe('an upstream that ignores its limit', () => {
  test('is paid from what else is set aside, and never beyond the cap', async () => {
    const process = await world.start();
    const rich = await world.plantPayer();
    expect(process.settle(rich, await process.take(rich, 100n), 130n)).toBe(130n);
    const poor = await world.plantPayer({ key: 120n });
    expect(process.settle(poor, await process.take(poor, 100n), 500n)).toBeLessThanOrEqual(120n);
    await process.flush();
    expect(await world.spentOf(poor)).toBeLessThanOrEqual(120n);
    await expectBalancedBooks();
  });
});
