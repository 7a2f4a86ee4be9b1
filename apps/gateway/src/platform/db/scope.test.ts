import { sql } from 'drizzle-orm';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inPerson, inSystem, inTenant, organizations } from './index.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  for (const id of ['org_1', 'org_2']) {
    await inTenant(database, id, async (transaction) => {
      await transaction.insert(organizations).values({ id, name: id, kind: 'team' });
      await transaction.execute(sql`insert into wallets (organization_id) values (${id})`);
    });
  }
  await inTenant(database, 'org_1', (transaction) =>
    transaction.execute(
      sql`insert into memberships (id, organization_id, user_id, role) values ('mem_1', 'org_1', 'usr_1', 'owner')`,
    ),
  );
});
afterAll(() => database.close());

const tables = async (): Promise<string[]> => {
  const found = await database.pool.query<{ name: string }>(
    `select distinct table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'organization_id'`,
  );
  return [...found.rows.map(({ name }) => name), 'organizations', 'idempotency_keys'];
};

describe('without a scope', () => {
  test('every table with an organization’s rows is forced under row-level security', async () => {
    const protectedOnes = await database.pool.query<{ name: string }>(
      `select relname as name from pg_class where relrowsecurity and relforcerowsecurity`,
    );
    const names = new Set(protectedOnes.rows.map(({ name }) => name));
    expect((await tables()).filter((table) => !names.has(table))).toEqual([]);
    expect((await tables()).length).toBeGreaterThan(10);
  });

  test('the gateway’s own user reads nothing, changes nothing and adds nothing', async () => {
    for (const table of ['organizations', 'wallets', 'memberships']) {
      expect((await database.pool.query(`select * from ${table}`)).rows).toEqual([]);
      expect((await database.pool.query(`delete from ${table}`)).rowCount).toBe(0);
    }
    await expect(
      database.pool.query(
        `insert into organizations (id, name, kind) values ('org_3', 'x', 'team')`,
      ),
    ).rejects.toThrow('row-level security');
  });

  test('no statement can be written', () => {
    // @ts-expect-error a store has no statements
    expect(database.store.select).toBeUndefined();
    // @ts-expect-error nor has the handle of the database
    expect(database.db).toBeUndefined();
  });
});

describe('within a scope', () => {
  test('an organization sees and writes its own rows, whatever it asks for', async () => {
    const ids = await inTenant(database, 'org_1', async (transaction) => {
      await transaction.execute(sql`update organizations set name = 'changed'`);
      return transaction.select({ id: organizations.id }).from(organizations);
    });
    expect(ids).toEqual([{ id: 'org_1' }]);
    const names = await database.admin.select({ name: organizations.name }).from(organizations);
    expect(names.map(({ name }) => name).toSorted()).toEqual(['changed', 'org_2']);
    await expect(
      inTenant(database, 'org_1', (transaction) =>
        transaction.execute(sql`insert into wallets (organization_id) values ('org_2')`),
      ),
    ).rejects.toMatchObject({ sqlState: '42501' });
  });

  test('a person reads their memberships and organizations, and writes neither', async () => {
    await inPerson(database, 'usr_1', async (transaction) => {
      expect(await transaction.$count(organizations)).toBe(1);
      expect((await transaction.execute(sql`select * from wallets`)).rows).toEqual([]);
      expect((await transaction.execute(sql`delete from memberships`)).rowCount).toBe(0);
    });
    await inPerson(database, 'usr_2', async (transaction) => {
      expect(await transaction.$count(organizations)).toBe(0);
    });
  });

  test('a person reads what their organizations have spent in all, and neither keys’ nor others’ share', async () => {
    await database.admin.execute(sql`
      insert into budgets (organization_id, scope, subject, month)
      values ('org_1', 'organization', 'org_1', '2026-01'), ('org_1', 'key', 'key_1', '2026-01'),
        ('org_2', 'organization', 'org_2', '2026-01')`);
    const seenBy = (userId: string) =>
      inPerson(database, userId, async (transaction) => {
        expect((await transaction.execute(sql`delete from budgets`)).rowCount).toBe(0);
        return (await transaction.execute(sql`select subject from budgets`)).rows;
      });
    expect(await seenBy('usr_1')).toEqual([{ subject: 'org_1' }]);
    expect(await seenBy('usr_2')).toEqual([]);
  });

  test('the scope ends with its transaction, also for the next user of the connection', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        inSystem(database, (transaction) => transaction.$count(organizations)),
      ),
    );
    for (let count = 0; count < 20; count += 1) {
      expect((await database.pool.query('select from organizations')).rowCount).toBe(0);
    }
  });

  test('no organization can lose its last owner', async () => {
    const demote = inTenant(database, 'org_1', (transaction) =>
      transaction.execute(sql`update memberships set role = 'admin'`),
    );
    await expect(demote).rejects.toMatchObject({ constraint: 'memberships_need_owner' });
    await expect(
      inTenant(database, 'org_1', (transaction) =>
        transaction.execute(sql`delete from memberships`),
      ),
    ).rejects.toMatchObject({ constraint: 'memberships_need_owner' });
    const second = inTenant(database, 'org_1', (transaction) =>
      transaction.execute(
        sql`insert into memberships (id, organization_id, user_id, role) values ('mem_2', 'org_1', 'usr_2', 'owner')`,
      ),
    );
    await expect(second).rejects.toMatchObject({ constraint: 'memberships_one_owner' });
  });
});

/** Who may look past all scopes, and why. */
const PAST_ALL_SCOPES: Readonly<Record<string, string>> = {
  'cli/as-operator.ts': 'the operator’s own command finds the first organization',
  'cli/users.ts': 'the operator’s own command finds the first organization',
  'customers/accounts/account.ts': 'whose address it is says the row',
  'customers/accounts/create-user.ts':
    'the operator makes a person, who may take over an organization',
  'customers/accounts/leaving/deactivate.ts': 'a person’s keys are of many organizations',
  'customers/accounts/leaving/erase.ts': 'what a person owns is everywhere',
  'customers/accounts/leaving/export.ts': 'what a person owns is everywhere',
  'customers/accounts/leaving/restore.ts': 'whose address it is says the row',
  'customers/accounts/passwords/reset.ts': 'whose link it is says the row',
  'customers/accounts/purge.ts': 'what has served goes, whosever it was',
  'customers/accounts/register.ts': 'the person and the organization are yet to be',
  'customers/accounts/sessions/refresh.ts': 'whose token it is says the row',
  'customers/accounts/verify-email.ts': 'whose link it is says the row',
  'customers/accounts/verify-session.ts': 'whose token it is says the row',
  'platform/mail/send.ts': 'the outbox is nobody’s',
  'platform/master-key/check-master-key.ts': 'under which key all is sealed concerns everybody',
  'platform/master-key/rotate.ts': 'everything of everybody is sealed anew',
  'platform/master-key/seal-anew.ts': 'everything of everybody is sealed anew',
  'customers/organizations/accept-invitation.ts': 'whose invitation it is says the row',
  'customers/billing/alerts/delivery/resume-alerts.ts':
    'whatever waits to be sent again is sent, whosever it is',
  'customers/billing/alerts/forget-alerts.ts': 'what has served goes, whosever it was',
  'customers/billing/holds/instance.ts': 'a gateway holds leases of many organizations',
  'customers/billing/invoices/issue-invoices.ts': 'who is due is everybody’s question',
  'customers/billing/ledger/reconcile.ts': 'the books are held against each other as a whole',
  'customers/billing/payments/auto-top-up/request.ts': 'the clock asks for everybody',
  'customers/billing/payments/check-payments.ts': 'late top-ups are everybody’s',
  'customers/billing/payments/follow-event.ts': 'whose payment it is says the row',
  'customers/billing/payments/receive-event.ts': 'whose payment it is nobody knows yet',
  'customers/billing/plans/charge-plan-fees.ts': 'the clock asks for everybody',
  'customers/billing/price-lists/add-price-list.ts': 'price lists are the installation’s',
  'customers/billing/price-lists/cancel-price-list.ts': 'price lists are the installation’s',
  'customers/billing/price-lists/charged-tariffs.ts': 'tariffs are no organization’s',
  'customers/billing/price-lists/read-price-lists.ts': 'price lists are the installation’s',
  'customers/billing/settlement/settle-generations.ts':
    'the journal holds lines of many organizations',
  'customers/decisions/forget.ts': 'what has served goes, whosever it was',
  'inference/experience/forget-experience.ts': 'what has served goes, whosever it was',
  'inference/experience/learner.ts': 'the router learns from everybody’s votes',
  'inference/experience/open-experience.ts': 'conversations of everybody stay on their models',
  'inference/insight/read-insight.ts': 'the operator asks about everybody’s decisions',
  'customers/keys/ensure-first-run.ts': 'is there any organization at all?',
  'customers/keys/last-use.ts': 'keys of many organizations are noted at once',
  'customers/keys/verify.ts': 'whose secret it is says the row',
  'customers/provider-keys/own-key-log.ts': 'keys of many organizations are noted at once',
};

test('only those who must look past all scopes', () => {
  const root = new URL('../../', import.meta.url);
  const users = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/test\.ts$|testing|^platform\/db\//.test(file))
    .filter((file) => /\binSystem\b/.test(readFileSync(new URL(file, root), 'utf8')));
  expect(users.toSorted()).toEqual(Object.keys(PAST_ALL_SCOPES).toSorted());
});
