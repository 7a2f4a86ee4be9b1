import { nanoUsd } from '@sealgate/contract';
import { desc, eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../../platform/context.ts';
import { auditLog, priceLists, type Database } from '../../../platform/db/index.ts';
import { createFragileDatabase } from '../../../platform/db/testing-outage.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/db/testing.ts';
import { testContext } from '../../../platform/testing-context.ts';
import {
  addPriceList,
  cancelPriceList,
  createPlans,
  openLivePrices,
  readPriceLists,
  type LivePrices,
  type Plan,
} from '../index.ts';
import { priceListOf, PriceListFields } from '../pricing/list-fields.ts';
import { DEFAULT_PRICE_LIST, NO_DISCOUNT } from '../pricing/tariff.ts';
import { inOrder, listAt, type ScheduledList } from './timeline.ts';

let database: TestDatabase;
let ctx: Context;
let nowMs: number;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { clock: () => nowMs });
});
afterAll(() => database.close());

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 24);
const open: LivePrices[] = [];
beforeEach(async () => {
  nowMs = START_MS;
  await database.admin.execute(`
    alter table price_lists disable trigger price_lists_append_only; delete from price_lists;
    alter table price_lists enable trigger price_lists_append_only`);
});
afterEach(async () => {
  for (const prices of open.splice(0)) await prices.close();
});

const TEAM: Plan = {
  id: 'team',
  name: 'Team',
  monthlyFeeNano: nanoUsd(0n),
  shares: { ...NO_DISCOUNT, fast: { of: 9n, per: 10n } },
};
const PLAIN = { planId: 'pay-as-you-go', next: undefined };
const warnings: string[] = [];
const log = { warn: (_: object, text: string) => void warnings.push(text) } as never;

/** One gateway process. */
async function startProcess(
  fileLists: readonly ScheduledList[] = [],
  seen: Pick<Database, 'store' | 'createClient'> = database,
): Promise<LivePrices> {
  const prices = await openLivePrices({
    database: seen,
    fileLists,
    plans: createPlans([TEAM]),
    log,
  });
  open.push(prices);
  return prices;
}

const factorOf = ({ passthrough: { of, per } }: { passthrough: { of: bigint; per: bigint } }) =>
  `${of}/${per}`;
const charged = (prices: LivePrices, ms: number): string => factorOf(prices.listFor(PLAIN, ms));
const fieldsOf = (factor: string) => PriceListFields.parse({ passthrough_factor: factor });
const add = (factor: string, effectiveFromMs?: number, fileLists: readonly ScheduledList[] = []) =>
  addPriceList(ctx, fileLists, { effectiveFromMs, fields: fieldsOf(factor), reason: 'test' });
const inFile = (factor: string, effectiveFromMs: number): ScheduledList => ({
  effectiveFromMs,
  list: priceListOf(fieldsOf(factor)),
  id: undefined,
});
const deeds = (subject: string) =>
  database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.subject, subject))
    .orderBy(desc(auditLog.id));

describe('the list in force', () => {
  const lists = fc.array(fc.record({ effectiveFromMs: fc.nat(50), isStored: fc.boolean() }), {
    maxLength: 20,
  });

  test('is the latest that has taken effect, the database’s of two at one moment, and holds until the next', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: -5, max: 60 }), (drafts, ms) => {
        const scheduled = drafts.map(({ effectiveFromMs, isStored }, index) => ({
          effectiveFromMs,
          list: DEFAULT_PRICE_LIST,
          id: isStored ? `pls_${index}` : undefined,
        }));
        const found = listAt(inOrder(scheduled), ms);
        const due = scheduled.filter(({ effectiveFromMs }) => effectiveFromMs <= ms);
        const latest = Math.max(-Infinity, ...due.map(({ effectiveFromMs }) => effectiveFromMs));
        expect(found.fromMs).toBe(latest);
        const rivals = due.filter(({ effectiveFromMs }) => effectiveFromMs === latest);
        const isStored = rivals.some(({ id }) => id !== undefined);
        expect(found.scheduled?.id !== undefined).toBe(isStored);
        const later = scheduled.map((each) => each.effectiveFromMs).filter((each) => each > ms);
        expect(found.untilMs).toBe(Math.min(Infinity, ...later));
      }),
    );
  });

  test('is what is built in before there is any', async () => {
    const prices = await startProcess();
    expect(prices.listFor(PLAIN, nowMs)).toEqual(DEFAULT_PRICE_LIST);
  });

  test('changes in every process at its very millisecond, by the clock of each', async () => {
    const processes = [await startProcess(), await startProcess()];
    const atMs = nowMs + MINUTE_MS;
    await add('1.02', atMs);
    for (const prices of processes) {
      await expect.poll(() => charged(prices, atMs)).toBe('102/100');
      expect(charged(prices, atMs - 1)).toBe('105/100');
      expect(charged(prices, atMs + 10 * MINUTE_MS)).toBe('102/100');
      // A clock that is put back gets the old one back.
      expect(charged(prices, atMs - 1)).toBe('105/100');
    }
  });

  test('changes at once where that was asked for', async () => {
    const prices = await startProcess();
    await add('1.02');
    await expect.poll(() => charged(prices, nowMs)).toBe('102/100');
  });

  test('is known to a process that starts later, and does not ask the database again', async () => {
    await add('1.02');
    const fragile = await createFragileDatabase(database);
    const prices = await startProcess([], fragile);
    await fragile.cut();
    expect(charged(prices, nowMs)).toBe('102/100');
    await add('1.03', nowMs + MINUTE_MS);
    await fragile.mend();
    await expect
      .poll(() => charged(prices, nowMs + MINUTE_MS), { timeout: 20_000 })
      .toBe('103/100');
    await prices.close();
    await fragile.close();
  });

  test('of the file and of the database is the later one; at one moment, that of the database', async () => {
    const at = (minutes: number) => nowMs + minutes * MINUTE_MS;
    const file = [inFile('2', at(1)), inFile('3', at(3)), inFile('4', at(5))];
    await add('1.02', at(2), file);
    await add('1.03', at(5), file);
    const prices = await startProcess(file);
    expect([0, 1, 2, 3, 4, 5].map((minutes) => charged(prices, at(minutes)))).toEqual([
      '105/100',
      '2/1',
      '102/100',
      '3/1',
      '3/1',
      '103/100',
    ]);
  });

  test('is seen with the discounts of the plan that is booked at that moment', async () => {
    const prices = await startProcess();
    const { shares } = TEAM;
    const share = (booked: Parameters<LivePrices['listFor']>[0], ms = nowMs) =>
      prices.listFor(booked, ms).planShares;
    expect(share({ planId: 'team', next: undefined })).toBe(shares);
    expect(share({ planId: 'not configured any more', next: undefined })).toBe(NO_DISCOUNT);
    const next = { planId: 'team', fromMs: nowMs + 1 };
    expect(share({ ...PLAIN, next })).toBe(NO_DISCOUNT);
    expect(share({ ...PLAIN, next }, nowMs + 1)).toBe(shares);
    expect(prices.listFor(PLAIN, nowMs)).toBe(prices.listFor(PLAIN, nowMs));
  });
});

describe('a new list', () => {
  test('is complete: what it does not name stays as it would be at that moment', async () => {
    const at = nowMs + MINUTE_MS;
    const first = PriceListFields.parse({ byok: { share: '0.1' }, cache_hit_share: '0.5' });
    await addPriceList(ctx, [inFile('1.01', nowMs)], {
      effectiveFromMs: at,
      fields: first,
      reason: 'test',
    });
    const second = PriceListFields.parse({ byok: { fee_usd: '0.01' } });
    const { list } = await addPriceList(ctx, [], {
      effectiveFromMs: at + 1,
      fields: second,
      reason: 'test',
    });
    expect(list).toEqual({
      ...DEFAULT_PRICE_LIST,
      passthrough: { of: 101n, per: 100n },
      byok: { factor: { of: 1n, per: 10n }, feeNano: 10_000_000n },
      cacheShare: { of: 5n, per: 10n },
    });
  });

  test('takes effect now, although the clock goes on meanwhile', async () => {
    const ticking = { ...ctx, clock: () => (nowMs += 1) };
    const input = { effectiveFromMs: undefined, fields: fieldsOf('1.5'), reason: 'test' };
    const { effectiveFromMs } = await addPriceList(ticking, [], input);
    expect(effectiveFromMs).toBeGreaterThan(START_MS);
  });

  test('builds on one that is added at the same time: it waits for it', async () => {
    const client = database.createClient();
    await client.connect();
    await client.query('begin');
    await client.query(
      `insert into price_lists (id, effective_from, content, reason) values ('pls_other', $1, $2, 'test')`,
      [new Date(nowMs), { cache_hit_share: '0.5' }],
    );
    const adding = add('1.5', nowMs + 1);
    const waiting = async () =>
      (
        await database.admin.execute(`
          select from pg_locks where not granted and relation = 'price_lists'::regclass
            and database = (select oid from pg_database where datname = current_database())`)
      ).rowCount;
    await expect.poll(waiting).toBe(1);
    await client.query('commit');
    await client.end();
    expect((await adding).list.cacheShare).toEqual({ of: 5n, per: 10n });
  });

  test('leaves a row in the record, with its reason and its prices', async () => {
    const { id } = await add('1.02', nowMs + MINUTE_MS);
    expect(await deeds(id)).toMatchObject([
      {
        action: 'price_list.create',
        actorKind: 'operator',
        organizationId: null,
        details: {
          effectiveFrom: new Date(nowMs + MINUTE_MS).toISOString(),
          reason: 'test',
          content: { passthrough_factor: '1.02', fast: { input: '0.60' } },
        },
      },
    ]);
  });

  test.each([
    ['for the past', () => add('1.02', nowMs - 1), 'takes effect now or later'],
    [
      'without a reason',
      () => addPriceList(ctx, [], { effectiveFromMs: undefined, fields: {}, reason: ' ' }),
      'Say why',
    ],
  ])('%s is refused, and nothing is recorded', async (_, adding, sentence) => {
    await expect(adding()).rejects.toThrow(sentence);
    expect(await readPriceLists(database)).toEqual([]);
  });

  test('for a moment that has one is refused, also of two at once', async () => {
    const at = nowMs + MINUTE_MS;
    const outcomes = await Promise.allSettled([add('1.02', at), add('1.03', at)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(add('1.04', at)).rejects.toThrow('at this very moment');
    expect(await readPriceLists(database)).toHaveLength(1);
  });

  test('cannot be changed or deleted below the waterline either', async () => {
    const { id } = await add('1.02', nowMs + MINUTE_MS);
    const change = (columns: object) =>
      database.admin.update(priceLists).set(columns).where(eq(priceLists.id, id));
    await expect(change({ content: {} })).rejects.toMatchObject(APPEND_ONLY);
    await expect(change({ effectiveFrom: new Date(0) })).rejects.toMatchObject(APPEND_ONLY);
    // Canceled after it took effect.
    await expect(change({ canceledAt: new Date(nowMs + MINUTE_MS) })).rejects.toMatchObject(
      APPEND_ONLY,
    );
    await expect(
      database.admin.delete(priceLists).where(eq(priceLists.id, id)),
    ).rejects.toMatchObject(APPEND_ONLY);
  });
});

const APPEND_ONLY = { cause: { message: 'price_lists is append-only' } };

describe('a list that is canceled', () => {
  const cancel = (id: string) => cancelPriceList(ctx, { id, reason: 'too early' });

  test('never takes effect in any process, leaves a row in the record, and frees its moment', async () => {
    const processes = [await startProcess(), await startProcess()];
    const at = nowMs + 2 * MINUTE_MS;
    const { id } = await add('1.02', at);
    for (const prices of processes) {
      await expect.poll(() => charged(prices, at)).toBe('102/100');
    }
    await cancel(id);
    for (const prices of processes) {
      await expect.poll(() => charged(prices, at)).toBe('105/100');
    }
    expect(await deeds(id)).toMatchObject([
      { action: 'price_list.cancel', details: { reason: 'too early' } },
      { action: 'price_list.create' },
    ]);
    await add('1.03', at);
    expect(await readPriceLists(database)).toMatchObject([{ id }, {}]);
  });

  test('must have a minute left, so that every process can hear of it; then it stays', async () => {
    const { id } = await add('1.02', nowMs + MINUTE_MS);
    nowMs += 1;
    await expect(cancel(id)).rejects.toThrow('within a minute');
    nowMs += MINUTE_MS;
    await expect(cancel(id)).rejects.toThrow('has taken effect');
    await expect(cancel('pls_none')).rejects.toThrow('no such list');
    expect(await deeds(id)).toHaveLength(1);
  });

  test('cannot be canceled twice', async () => {
    const { id } = await add('1.02', nowMs + MINUTE_MS);
    await cancel(id);
    await expect(cancel(id)).rejects.toThrow('canceled before');
  });
});
