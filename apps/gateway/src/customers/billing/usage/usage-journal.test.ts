import { nanoUsd, picoUsdPerToken } from '@sealgate/contract';
import { desc, eq } from 'drizzle-orm';
import { appendFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { generations, ledgerEntries, priceVersions, wallets } from '../../../platform/db/index.ts';
import { createFragileDatabase } from '../../../platform/db/testing-outage.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/db/testing.ts';
import { testContext } from '../../../platform/testing-context.ts';
import type { Generation } from './generation.ts';
import { plantOrganization } from '../../organizations/testing.ts';
import {
  completePrice,
  DEFAULT_PRICE_LIST,
  findTariff,
  openUsageJournal,
  tariffFor,
  type Tariff,
} from '../index.ts';
import { testGeneration } from '../testing.ts';

let database: TestDatabase;
let dir: string;
let organizationId: string;
const CREDIT = 10n ** 18n;
const quiet = { warn: () => undefined, error: () => undefined };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  dir = await mkdtemp('/tmp/sealgate-journal-');
  await database.pool.query('truncate generations');
  ({ id: organizationId } = await plantOrganization(testContext(database), nanoUsd(CREDIT)));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const generation = (changes: Partial<Generation> = {}) =>
  testGeneration(organizationId, { costNano: nanoUsd(9_007_199_254_740_993n), ...changes });

const open = (log: { warn(): void; error(): void } = quiet) =>
  openUsageJournal({ dir, ctx: testContext(database), log });

test('a generation arrives in the database as it was, to the last nano-dollar', async () => {
  const journal = await open();
  const { startedAtMs, leaseId, ...rest } = generation();
  await journal.append({ startedAtMs, leaseId, ...rest });
  await journal.flush();
  expect(await database.admin.select().from(generations)).toEqual([
    {
      ...rest,
      userId: null,
      priceVersion: null,
      securityTier: null,
      startedAt: new Date(startedAtMs),
      firstByteMs: 13,
      latencyMs: 34,
    },
  ]);
  await journal.close();
});

test('records that come again change and double nothing', async () => {
  const journal = await open();
  const first = generation();
  await journal.append(first);
  await journal.flush();
  await Promise.all([journal.append({ ...first, status: 500 }), journal.append(generation())]);
  await journal.flush();
  const rows = await database.admin.select().from(generations);
  expect(rows).toHaveLength(2);
  expect(rows.find((row) => row.id === first.id)?.status).toBe(200);
  await journal.close();
});

test('what a generation cost goes from the wallet to revenue, once; what was free is not booked', async () => {
  const journal = await open();
  const paid = generation({ costNano: nanoUsd(5n) });
  await Promise.all([
    journal.append(paid),
    journal.append(generation({ costNano: nanoUsd(0n) })),
    journal.append(paid),
  ]);
  await journal.flush();
  await journal.append(paid);
  await journal.close();
  const entries = await database.admin
    .select()
    .from(ledgerEntries)
    .where(eq(ledgerEntries.requestId, paid.id))
    .orderBy(desc(ledgerEntries.account));
  const shared = { kind: 'usage', requestId: paid.id, transferId: paid.id.replace('gen', 'trf') };
  expect(entries).toMatchObject([
    { ...shared, account: 'wallet', amountNano: -5n, balanceNano: CREDIT - 5n },
    { ...shared, account: 'revenue', amountNano: 5n, balanceNano: null },
  ]);
  expect(entries).toHaveLength(2);
  const { admin } = database;
  const [wallet] = await admin
    .select()
    .from(wallets)
    .where(eq(wallets.organizationId, organizationId));
  expect(wallet?.balanceNano).toBe(CREDIT - 5n);
});

test('a generation of no organization is put aside, and nothing is booked for it', async () => {
  const journal = await open();
  const lost = generation({ organizationId: 'org_none' });
  await Promise.all([journal.append(lost), journal.append(generation())]);
  await journal.close();
  expect(await readFile(join(dir, 'rejected.jsonl'), 'utf8')).toContain(lost.id);
  expect(await database.admin.$count(generations)).toBe(1);
  expect(await database.admin.$count(ledgerEntries, eq(ledgerEntries.requestId, lost.id))).toBe(0);
});

test('text that PostgreSQL cannot hold does not keep the record out', async () => {
  const journal = await open();
  await journal.append(generation({ modelAsked: 'a\0b\ud800c😀' }));
  await journal.flush();
  const [row] = await database.admin.select().from(generations);
  expect(row?.modelAsked).toBe('a\ufffdb\ufffdc😀');
  await journal.close();
});

test('one bad record among many is put aside and reported, the others are stored', async () => {
  await appendFile(join(dir, '000000000001.jsonl'), '{"id":"gen_half"}\nnot json\n');
  const error = vi.fn<() => void>();
  const journal = await open({ ...quiet, error });
  await Promise.all(Array.from({ length: 20 }, () => journal.append(generation())));
  await journal.flush();
  expect(await database.admin.$count(generations)).toBe(20);
  expect(error).toHaveBeenCalledOnce();
  expect(await readFile(join(dir, 'rejected.jsonl'), 'utf8')).toBe('{"id":"gen_half"}\nnot json\n');
  await journal.close();
});

test('while the database is away records wait on disk; afterwards each is stored once', async () => {
  const fragile = await createFragileDatabase(database);
  const journal = await openUsageJournal({ dir, ctx: testContext(fragile), log: quiet });
  await journal.append(generation());
  await journal.flush();
  await fragile.cut();
  await Promise.all(Array.from({ length: 100 }, () => journal.append(generation())));
  await expect(journal.flush()).rejects.toThrow();
  expect(journal.pendingCount()).toBe(100);
  await fragile.mend();
  await vi.waitFor(() => expect(journal.pendingCount()).toBe(0), { timeout: 10_000 });
  expect(await database.admin.$count(generations)).toBe(101);
  await journal.close();
  await fragile.close();
  expect(await readdir(dir)).toEqual([]);
});

describe('what a request was charged by', () => {
  /** Another one each time. */
  let prices = 1_000n;
  const newTariff = (): Tariff => {
    const price = completePrice({
      input: picoUsdPerToken((prices += 1n)),
      output: picoUsdPerToken(2n),
    });
    const tariff = tariffFor(DEFAULT_PRICE_LIST, { tier: undefined, price, isOwnKey: false });
    if (tariff === undefined) throw new Error('it has a price');
    return tariff;
  };
  const charged = (tariff: Tariff, changes: Partial<Generation> = {}) =>
    generation({ priceVersion: tariff.version, costNano: nanoUsd(1n), ...changes });
  const linesOnDisk = async () => {
    const [segment = ''] = await readdir(dir);
    return (await readFile(join(dir, segment), 'utf8')).split('\n').filter(Boolean);
  };

  test('can be looked up afterwards, and is kept once', async () => {
    const journal = await open();
    const tariff = newTariff();
    await Promise.all([
      journal.append(charged(tariff), tariff),
      journal.append(charged(tariff), tariff),
    ]);
    await journal.flush();
    await journal.append(charged(tariff), tariff);
    await journal.close();
    const kept = await findTariff(database, tariff.version);
    expect(kept).toEqual({ tariff, firstUsedAt: new Date(Date.UTC(2026, 0, 2)) });
    expect(
      await database.admin.$count(priceVersions, eq(priceVersions.version, tariff.version)),
    ).toBe(1);
  });

  test('stands in the journal until the database has it, and no longer', async () => {
    const fragile = await createFragileDatabase(database);
    const journal = await openUsageJournal({ dir, ctx: testContext(fragile), log: quiet });
    const tariff = newTariff();
    await fragile.cut();
    await journal.append(charged(tariff), tariff);
    await journal.append(charged(tariff), tariff);
    expect((await linesOnDisk()).every((line) => line.includes(tariff.version))).toBe(true);
    expect((await linesOnDisk()).map((line) => 'tariff' in JSON.parse(line))).toEqual([true, true]);
    await fragile.mend();
    await vi.waitFor(() => expect(journal.pendingCount()).toBe(0), { timeout: 10_000 });
    await fragile.cut();
    await journal.append(charged(tariff), tariff);
    expect((await linesOnDisk()).map((line) => 'tariff' in JSON.parse(line))).toEqual([false]);
    await fragile.mend();
    await journal.close();
    await fragile.close();
  });

  test('survives a kill: another process keeps it with the charge', async () => {
    const fragile = await createFragileDatabase(database);
    const killed = await openUsageJournal({ dir, ctx: testContext(fragile), log: quiet });
    const tariff = newTariff();
    await fragile.cut();
    await killed.append(charged(tariff), tariff);
    const next = await open();
    await next.flush();
    expect((await findTariff(database, tariff.version))?.tariff).toEqual(tariff);
    await next.close();
    await killed.close();
    await fragile.close();
  });

  test('is kept with the next charge where the first one could not be booked', async () => {
    const journal = await open();
    const tariff = newTariff();
    await journal.append(charged(tariff, { organizationId: 'org_none' }), tariff);
    await journal.flush();
    expect(await findTariff(database, tariff.version)).toBeUndefined();
    await journal.append(charged(tariff), tariff);
    await journal.close();
    expect((await findTariff(database, tariff.version))?.tariff).toEqual(tariff);
  });

  test('of many processes at once, in any order, is kept without anybody waiting in a circle', async () => {
    const tariffs = Array.from({ length: 20 }, newTariff);
    const folders = await Promise.all([1, 2, 3, 4].map(() => mkdtemp('/tmp/sealgate-journal-')));
    const journals = await Promise.all(
      folders.map((folder) =>
        openUsageJournal({ dir: folder, ctx: testContext(database), log: quiet }),
      ),
    );
    await Promise.all(
      journals.flatMap((journal, index) =>
        (index % 2 === 0 ? tariffs : tariffs.toReversed()).map((tariff) =>
          journal.append(charged(tariff), tariff),
        ),
      ),
    );
    await Promise.all(journals.map((journal) => journal.close()));
    for (const { version } of tariffs) expect(await findTariff(database, version)).toBeDefined();
    expect(await database.admin.$count(generations)).toBe(80);
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  });
});
