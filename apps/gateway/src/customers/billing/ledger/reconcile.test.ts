import { nanoUsd } from '@sealgate/contract';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../../platform/context.ts';
import { inTenant, topUpMovements, topUps, wallets } from '../../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/db/testing.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { testContext } from '../../../platform/testing-context.ts';
import { plantOrganization } from '../../organizations/testing.ts';
import { adjust, credit, issueAllInvoices, reconcile, refund, type Generation } from '../index.ts';
import { settleGenerations } from '../settlement/settle-generations.ts';
import { testGeneration, testInvoices } from '../testing.ts';
import { printGeneration } from '../usage/print-generation.ts';
import { bookTransfer } from './book-transfer.ts';

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database);
});
afterAll(() => database.close());

const charge = (...generations: readonly Generation[]) =>
  settleGenerations(ctx, generations.map(printGeneration));

const ORGANIZATIONS = 3;
const organization = fc.nat(ORGANIZATIONS - 1);
const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).filter((nano) => nano !== 0n);
const event = fc.oneof(
  fc.record({
    kind: fc.constant('charge' as const),
    /** Whose, and for how much. */
    generations: fc.array(fc.tuple(organization, fc.bigInt({ min: 0n, max: 10n ** 12n })), {
      maxLength: 12,
    }),
    isReplayed: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('credit' as const), organization, amount }),
  fc.record({ kind: fc.constant('adjust' as const), organization, amount }),
  fc.record({ kind: fc.constant('refund' as const), organization, index: fc.nat(20) }),
);
type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

/** What wallets must hold, reckoned without the database. */
class Model {
  readonly balances = new Map<string, bigint>();
  readonly charged: Generation[] = [];
  /** What each generation paid. */
  readonly paid = new Map<string, bigint>();
  readonly refunded = new Set<string>();

  move(organizationId: string, nano: bigint): void {
    this.balances.set(organizationId, (this.balances.get(organizationId) ?? 0n) + nano);
  }

  /** Nothing was set aside for it, so that the wallet pays as far as it goes. */
  charge({ id, organizationId, costNano }: Generation): void {
    const balance = this.balances.get(organizationId) ?? 0n;
    const room = balance > 0n ? balance : 0n;
    const paid = costNano < room ? costNano : room;
    this.paid.set(id, paid);
    this.move(organizationId, 0n - paid);
  }
}

const byId = (one: Generation, other: Generation): number => (one.id < other.id ? -1 : 1);

const reason = 'test';
const isRefused = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => false,
    (error: unknown) => error instanceof Refusal,
  );

const LIVE: {
  readonly [Kind in Event['kind']]: (
    model: Model,
    ids: readonly string[],
    happening: Extract<Event, { kind: Kind }>,
  ) => Promise<void>;
} = {
  charge: async (model, ids, { generations, isReplayed }) => {
    const fresh = generations.map(([owner, cost]) =>
      testGeneration(ids[owner] ?? '', {
        costNano: nanoUsd(cost),
        billingTier: owner === 0 ? 'byok' : 'fast',
      }),
    );
    for (const generation of fresh.toSorted(byId)) model.charge(generation);
    model.charged.push(...fresh);
    // The same lines, also from another process at the same time.
    const replays = isReplayed ? [model.charged, fresh] : [];
    await Promise.all([fresh, ...replays].map((lines) => charge(...lines)));
  },
  refund: async (model, ids, { organization, index }) => {
    const organizationId = ids[organization] ?? '';
    const { id, ...given } = model.charged[index] ?? testGeneration('');
    const paid = model.paid.get(id) ?? 0n;
    const isDue = given.organizationId === organizationId && paid > 0n && !model.refunded.has(id);
    const refunding = refund(ctx, { organizationId, generationId: id, reason });
    expect(await isRefused(refunding)).toBe(!isDue);
    if (!isDue) return;
    model.move(organizationId, paid);
    model.refunded.add(id);
  },
  credit: async (model, ids, { organization, amount }) => {
    const organizationId = ids[organization] ?? '';
    const crediting = credit(ctx, { organizationId, amountNano: nanoUsd(amount), reason });
    expect(await isRefused(crediting)).toBe(amount < 0n);
    if (amount > 0n) model.move(organizationId, amount);
  },
  adjust: async (model, ids, { organization, amount }) => {
    const organizationId = ids[organization] ?? '';
    await adjust(ctx, { organizationId, amountNano: nanoUsd(amount), reason });
    model.move(organizationId, amount);
  },
};

describe('the books', () => {
  test('balance after any history of charges, replays, credits, adjustments and refunds', async () => {
    const history = fc.array(event, { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(history, async (events) => {
        const model = new Model();
        const planted = await Promise.all(
          Array.from({ length: ORGANIZATIONS }, () => plantOrganization(ctx, nanoUsd(10n ** 10n))),
        );
        const ids = planted.map(({ id }) => id);
        for (const id of ids) model.move(id, 10n ** 10n);
        for (const happening of events) await LIVE[happening.kind](model, ids, happening as never);
        const stored = await database.admin.select().from(wallets);
        const balances = stored
          .filter(({ organizationId }) => ids.includes(organizationId))
          .map(({ organizationId, balanceNano }) => [organizationId, balanceNano] as const);
        expect(new Map(balances)).toEqual(model.balances);
        expect((await reconcile(database)).discrepancies).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('of many processes that charge and credit the same wallets at once, none is lost and none waits forever', async () => {
    const planted = await Promise.all(
      Array.from({ length: 5 }, () => plantOrganization(ctx, nanoUsd(1_000n))),
    );
    const batches = Array.from({ length: 12 }, (_, batch) =>
      Array.from({ length: 50 }, (_, line) =>
        testGeneration(planted[(batch + line * (batch % 2 === 0 ? 1 : 4)) % 5]?.id ?? '', {
          costNano: nanoUsd(1n),
        }),
      ),
    );
    await Promise.all([
      ...batches.flatMap((batch) => [charge(...batch), charge(...batch.toReversed())]),
      ...planted.map(({ id: organizationId }) =>
        credit(ctx, { organizationId, amountNano: nanoUsd(1_000n), reason: 'test' }),
      ),
    ]);
    const total = await database.admin.execute<{ total: string }>(
      sql`select sum(balance_nano)::text as total from wallets where organization_id in ${planted.map(({ id }) => id)}`,
    );
    expect(total.rows).toEqual([{ total: String(5 * 2_000 - 12 * 50) }]);
    expect((await reconcile(database)).discrepancies).toEqual([]);
  });
});

describe('a fault in the books is found:', () => {
  /** Below the waterline, where nothing protects the books. */
  const vandalise = async (statement: string): Promise<void> => {
    await database.admin.execute(`
      alter table ledger_entries disable trigger ledger_entries_append_only;
      ${statement};
      alter table ledger_entries enable trigger ledger_entries_append_only`);
  };
  const pay = async (): Promise<Generation> => {
    const { id } = await plantOrganization(ctx, nanoUsd(7n));
    const generation = testGeneration(id, { costNano: nanoUsd(7n) });
    await charge(generation);
    return generation;
  };
  const faults = async (): Promise<(readonly [string, string])[]> => {
    const { discrepancies } = await reconcile(database);
    await database.admin.execute(`
      alter table ledger_entries disable trigger ledger_entries_append_only;
      delete from ledger_entries; delete from generations; delete from budgets;
      update wallets set balance_nano = 0, held_nano = 0;
      alter table ledger_entries enable trigger ledger_entries_append_only`);
    return discrepancies.map(({ check, subject }) => [check, subject] as const);
  };

  test('a transfer of which one side is missing', async () => {
    const { id } = await pay();
    await vandalise(
      `delete from ledger_entries where request_id = '${id}' and account = 'revenue'`,
    );
    expect(await faults()).toEqual([
      ['a transfer sums to zero', id.replace('gen', 'trf')],
      ['a generation is paid for once, and nothing else is', id],
    ]);
  });

  test('a wallet that somebody has changed', async () => {
    const { organizationId } = await pay();
    await vandalise(
      `update wallets set balance_nano = 1 where organization_id = '${organizationId}'`,
    );
    expect(await faults()).toEqual([['a wallet holds the sum of its entries', organizationId]]);
  });

  test('an entry with a balance that it never had', async () => {
    const { id } = await pay();
    await vandalise(
      `update ledger_entries set balance_nano = 1 where request_id = '${id}' and account = 'wallet'`,
    );
    expect(await faults()).toEqual([
      ['an entry carries the balance after it', `${id.replace('gen', 'led')}w`],
    ]);
  });

  test.each([
    [
      'that was never paid for',
      (id: string) => `update generations set id = 'gen_x' where id = '${id}'`,
      2,
    ],
    [
      'that cost something else',
      (id: string) => `update generations set cost_nano = 8 where id = '${id}'`,
      1,
    ],
    [
      'of somebody else',
      (id: string) => `update generations set organization_id = 'org_0' where id = '${id}'`,
      2,
    ],
  ])('a generation %s', async (_what, statement, count) => {
    const { id } = await pay();
    await vandalise(statement(id));
    const found = await faults();
    const paying = found.filter(([check]) => check.startsWith('a generation'));
    expect(paying).toHaveLength(count);
    expect(new Set(paying.map(([check]) => check))).toEqual(
      new Set(['a generation is paid for once, and nothing else is']),
    );
  });

  test('a budget that has spent or holds something else, and a wallet that holds what nobody leased', async () => {
    const { organizationId } = await pay();
    await vandalise(`update budgets set spent_nano = 8 where scope = 'key'`);
    await vandalise(`update budgets set held_nano = 1 where scope = 'organization'`);
    await vandalise(`update wallets set held_nano = 2 where organization_id = '${organizationId}'`);
    expect(await faults()).toEqual([
      ['a budget has spent what its generations cost and was not given back', 'key_1'],
      ['a wallet holds what is leased of it', organizationId],
      ['a budget holds what is leased of it', organizationId],
    ]);
  });

  const topUp = async (): Promise<string> => {
    const { id } = await plantOrganization(ctx);
    const topUpId = ctx.newId('topUp');
    await database.admin.insert(topUps).values({
      id: topUpId,
      organizationId: id,
      kind: 'checkout',
      status: 'paid',
      amountNano: 10n ** 9n,
    });
    await inTenant(ctx, id, async (transaction) => {
      const movement = {
        organizationId: id,
        kind: 'top_up',
        amountNano: nanoUsd(10n ** 9n),
      } as const;
      const booked = await bookTransfer(transaction, ctx, {
        ...movement,
        from: 'clearing',
        requestId: `pi_${topUpId}`,
      });
      await transaction
        .insert(topUpMovements)
        .values({ ...movement, transferId: booked.id, topUpId, reference: `pi_${topUpId}` });
    });
    expect((await reconcile(database)).discrepancies).toEqual([]);
    return topUpId;
  };
  const forgetTopUps = async (): Promise<void> => {
    await database.admin.execute(`
      alter table top_up_movements disable trigger top_up_movements_append_only;
      delete from top_up_movements; delete from top_ups;
      alter table top_up_movements enable trigger top_up_movements_append_only`);
  };

  test.each([
    [
      'that was credited and is not paid',
      (id: string) => `update top_ups set status = 'open' where id = '${id}'`,
      ['a paid top-up was credited, and no other was'],
    ],
    [
      'of another amount',
      (id: string) => `update top_ups set amount_nano = 20000000 where id = '${id}'`,
      ['a paid top-up was credited, and no other was'],
    ],
    [
      'whose movement is not in the ledger',
      (id: string) =>
        `update ledger_entries set request_id = 'pi_other' where request_id = 'pi_${id}'`,
      [
        'what a payment has moved is in the ledger, and nothing else of its kinds is',
        'what a payment has moved is in the ledger, and nothing else of its kinds is',
      ],
    ],
  ])('a top-up %s', async (_what, statement, checks) => {
    const id = await topUp();
    await vandalise(statement(id));
    const found = await faults();
    await forgetTopUps();
    expect(found.map(([check]) => check)).toEqual(checks);
  });

  test('an invoice that tells another balance', async () => {
    const { id: organizationId } = await plantOrganization(ctx);
    await credit(ctx, { organizationId, amountNano: nanoUsd(7n), reason });
    const later = { ...ctx, clock: () => Date.UTC(2026, 1, 1) };
    await issueAllInvoices(later, testInvoices());
    expect((await reconcile(database)).discrepancies).toEqual([]);
    const change = (nano: string) =>
      database.admin.execute(`
        alter table invoices disable trigger invoices_append_only;
        update invoices set closing_nano = ${nano} where organization_id = '${organizationId}';
        alter table invoices enable trigger invoices_append_only`);
    await change('8');
    const { discrepancies } = await reconcile(database);
    await change('7');
    expect(discrepancies).toMatchObject([
      {
        check: 'an invoice tells the balance from its first entry to its last',
        expectedNano: 7n,
        foundNano: 8n,
      },
    ]);
  });
});
