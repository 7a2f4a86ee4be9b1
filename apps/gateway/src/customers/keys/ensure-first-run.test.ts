import { nanoUsd } from '@sealgate/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context } from '../../platform/context.ts';
import { auditLog, organizations } from '../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/testing.ts';
import { testContext } from '../../platform/testing-context.ts';
import { ensureFirstRun, listKeys } from './index.ts';

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { actor: { kind: 'system' } });
});
afterAll(() => database.close());

test('gateways that start at once on an empty database create one organization and one key', async () => {
  const input = { startCreditNano: nanoUsd(10_000_000_000n) };
  const runs = await Promise.all(Array.from({ length: 6 }, () => ensureFirstRun(ctx, input)));
  const created = runs.filter((run) => run.kind === 'created');
  expect(created).toHaveLength(1);
  expect(await database.admin.$count(organizations)).toBe(1);
  const keys = await listKeys(ctx, created[0]?.organization.id ?? '');
  expect(keys.map((key) => key.id)).toEqual([created[0]?.key.id]);
  const deeds = await database.admin.select({ action: auditLog.action }).from(auditLog);
  expect(deeds.map((deed) => deed.action).sort()).toEqual(['key.create', 'organization.create']);

  expect(await ensureFirstRun(ctx, input)).toEqual({ kind: 'existing' });
});
