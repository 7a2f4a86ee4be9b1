import { nanoUsd } from '@sealgate/contract';
import { appendFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { generations } from '../../platform/db/index.ts';
import { createFragileDatabase } from '../../platform/db/testing-outage.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/testing.ts';
import { newId } from '../../platform/ids.ts';
import type { Generation } from './generation.ts';
import { openUsageJournal } from './index.ts';

let database: TestDatabase;
let dir: string;
const quiet = { warn: () => undefined, error: () => undefined };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  dir = await mkdtemp('/tmp/sealgate-journal-');
  await database.pool.query('truncate generations');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const generation = (change: Partial<Generation> = {}): Generation => ({
  id: newId('generation'),
  organizationId: 'org_1',
  keyId: 'key_1',
  route: 'chat',
  securityTier: undefined,
  modelAsked: 'nexevo/auto',
  modelUsed: 'local/math',
  modelsTried: ['local/words', 'local/math'],
  billingTier: 'fast',
  outcome: 'success',
  status: 200,
  isStream: true,
  inputTokens: 12,
  cachedInputTokens: 2,
  outputTokens: 5,
  reasoningTokens: 1,
  usageSource: 'upstream',
  costNano: nanoUsd(9_007_199_254_740_993n),
  startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  firstByteMs: 12.6,
  latencyMs: 34.4,
  ...change,
});

const open = (log: { warn(): void; error(): void } = quiet) =>
  openUsageJournal({ dir, database, log });

test('a generation arrives in the database as it was, to the last nano-dollar', async () => {
  const journal = await open();
  const { startedAtMs, ...rest } = generation();
  await journal.append({ startedAtMs, ...rest });
  await journal.flush();
  expect(await database.admin.select().from(generations)).toEqual([
    {
      ...rest,
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
  const journal = await openUsageJournal({ dir, database: fragile, log: quiet });
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
