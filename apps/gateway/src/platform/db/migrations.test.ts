import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe('history', () => {
  const rows = {
    audit_log: `insert into audit_log (id, actor_kind, address, action, subject) values ('aud_1', 'system', '203.0.113.7', 'test', 'it')`,
    ledger_entries: `with organization as (
        insert into organizations (id, name, kind) values ('org_1', 'One', 'personal') returning id)
      insert into ledger_entries (id, transfer_id, organization_id, account, kind, amount_nano, balance_nano)
      select 'led_1', 'trf_1', id, 'wallet', 'start_credit', 1, 1 from organization`,
  };

  test.each(Object.entries(rows))('no statement can rewrite %s', async (table, insert) => {
    await database.admin.execute(insert);
    const rewriting = [`update ${table} set id = 'x'`, `delete from ${table}`, `truncate ${table}`];
    for (const statement of rewriting) {
      await expect(database.admin.execute(statement)).rejects.toMatchObject({
        cause: { message: `${table} is append-only` },
      });
    }
  });
});

test('of the audit log an address can be forgotten, and nothing else with it', async () => {
  const forget = (more: string) =>
    database.admin.execute(`update audit_log set address = null ${more}`);
  await expect(forget(`, action = 'other'`)).rejects.toMatchObject({
    cause: { message: 'audit_log is append-only' },
  });
  await forget('');
  const { rows } = await database.admin.execute('select address, action from audit_log');
  expect(rows).toEqual([{ address: null, action: 'test' }]);
});

test('migrations are in the order of their moments, else an older database would skip one', async () => {
  const path = new URL('../../../migrations/meta/_journal.json', import.meta.url);
  const { entries } = JSON.parse(await readFile(path, 'utf8')) as { entries: { when: number }[] };
  const moments = entries.map((entry) => entry.when);
  expect(moments).toEqual([...new Set(moments)].sort((a, b) => a - b));
  expect(moments.length).toBeGreaterThan(0);
});
