import { and, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eraseDueAccounts, purge, restoreUser } from '../../customers/accounts/index.ts';
import {
  apiKeys,
  auditLog,
  cachedAnswers,
  conversations,
  feedback,
  idempotencyKeys,
  inSystem,
  invitations,
  ledgerEntries,
  memberships,
  messages,
  organizations,
  providerKeys,
  routingDecisions,
  sessions,
  sessionTokens,
  totpSecrets,
  users,
  userTokens,
} from '../../platform/db/index.ts';
import { addJob } from '../../platform/jobs/index.ts';
import { IDLE_JOBS, runDueJobs } from '../../platform/jobs/testing.ts';
import { mailsTo, openAccount, PASSWORD, signIn, type TestAccount } from '../testing-accounts.ts';
import { createTestPlatform, type TestPlatform } from '../testing.ts';

const DAY_MS = 24 * 3_600_000;

let platform: TestPlatform;
let ada: TestAccount;
beforeAll(async () => {
  platform = await createTestPlatform();
});
afterAll(() => platform.close());
let count = 0;
beforeEach(async () => {
  platform.time.nowMs += 3_600_000;
  count += 1;
  ada = await openAccount(platform, `ada-${count}`);
});

const system = () => ({ ...platform.ctx, actor: { kind: 'system' as const } });
const deactivate = (as = ada.token, password = PASSWORD) =>
  platform.call('POST /v1/auth/deactivate', { as, body: { password } });
const runJobs = () =>
  runDueJobs({
    database: platform.database,
    jobs: {
      ...IDLE_JOBS,
      'erase-accounts': () => eraseDueAccounts(system()),
      purge: () => purge(system()),
    },
  });
const eraseNow = async (): Promise<void> => {
  await inSystem(platform.ctx, (transaction) => addJob(transaction, 'erase-accounts', {}));
  await runJobs();
};

/** A team that belongs to `owner`, as its id. */
async function foundTeam(owner: TestAccount): Promise<string> {
  const { body } = await platform.call('POST /v1/organizations', {
    as: owner.token,
    body: { name: 'Team' },
  });
  return body.organization.org_id;
}

const join = (organizationId: string, { userId }: TestAccount) =>
  platform.database.admin
    .insert(memberships)
    .values({ id: `mem_${count}x${userId.slice(4)}`, organizationId, userId, role: 'developer' });

/** Personal data in every place that has one. `mark` is in all of it. */
async function leaveTraces(mark: string, teamId: string): Promise<void> {
  const { admin } = platform.database;
  const now = new Date(platform.time.nowMs);
  const { userId, organizationId } = ada;
  for (const [index, org] of [organizationId, teamId].entries()) {
    const id = `${count}${index}`;
    const [key] = await admin
      .insert(apiKeys)
      .values({
        id: `key_${id}`,
        organizationId: org,
        createdBy: userId,
        name: mark,
        prefix: 'sk-xc-abc',
        secretHash: Buffer.from(`hash ${id}`),
        alertWebhookUrl: `https://${mark}.example/hook`,
        alertWebhookSecret: Buffer.from(mark),
        ipAllowList: ['203.0.113.7'],
      })
      .returning();
    await admin.insert(conversations).values({
      id: `conv_${id}`,
      organizationId: org,
      userId,
      title: mark,
      metadata: { mark },
      updatedAt: now,
    });
    await admin.insert(messages).values({
      id: `msg_${id}`,
      organizationId: org,
      conversationId: `conv_${id}`,
      position: 1,
      role: 'user',
      content: `${mark} says`,
      metadata: { mark },
    });
    await admin.insert(feedback).values({
      id: `fb_${id}`,
      organizationId: org,
      generationId: `gen_${id}`,
      keyId: key?.id ?? null,
      rating: 1,
      comment: mark,
      tags: [mark],
      updatedAt: now,
    });
    await admin.insert(cachedAnswers).values({
      organizationId: org,
      requestDigest: Buffer.from(id),
      model: 'a/m',
      hostDigest: Buffer.from(id),
      keyId: `key_${id}`,
      answer: Buffer.from(mark),
      byteCount: 1,
      createdAt: now,
      expiresAt: new Date(now.getTime() + 1e12),
    });
    await admin.insert(providerKeys).values({
      id: `pvk_${id}`,
      organizationId: org,
      provider: 'openai',
      origin: 'https://api.openai.com',
      label: mark,
      secret: Buffer.from('sealed'),
      lastFour: '0001',
      createdBy: userId,
    });
    await admin.insert(routingDecisions).values({
      generationId: `gen_${id}`,
      organizationId: org,
      keyId: `key_${id}`,
      decidedAt: now,
      tier: 'auto',
      policy: 'test',
      rules: {},
      options: [],
      chosen: 'a/m',
      reason: 'best',
      features: Buffer.from(mark),
      conversation: mark,
    });
    await admin.insert(invitations).values({
      id: `inv_${id}`,
      organizationId: org,
      email: ada.email,
      role: 'developer',
      tokenHash: Buffer.from(`invitation ${id}`),
      expiresAt: now,
    });
  }
  await admin.insert(idempotencyKeys).values({
    scope: organizationId,
    keyHash: Buffer.from(mark),
    requestHash: Buffer.from(mark),
    answer: Buffer.from(mark),
    expiresAt: new Date(now.getTime() + 1e12),
  });
  await admin
    .update(sessions)
    .set({ userAgent: `browser of ${mark}` })
    .where(eq(sessions.userId, userId));
  await platform.call('POST /v1/keys', { as: ada.token, body: { name: mark } });
  await platform.call('PATCH /v1/auth/me', { as: ada.token, body: { full_name: mark } });
  await platform.call(`PATCH /v1/organizations/${organizationId}`, {
    as: ada.token,
    body: { name: `${mark} and friends` },
  });
  await platform.call('POST /v1/auth/2fa/setup', { as: ada.token, body: { password: PASSWORD } });
}

/** Every place of the database whose text has one of the needles in it, as `table.column`. */
async function findInDatabase(needles: readonly string[]): Promise<string[]> {
  const { rows: columns } = await platform.database.admin.execute<{
    schema: string;
    table: string;
    column: string;
    type: string;
  }>(sql`
    select table_schema as schema, table_name as table, column_name as column, data_type as type
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_type = 'BASE TABLE' and table_schema in ('public', 'graphile_worker')`);
  expect(columns.length).toBeGreaterThan(100);
  const found: string[] = [];
  for (const { schema, table, column, type } of columns) {
    const text =
      type === 'bytea'
        ? `encode(${column}, 'escape')`
        : `${column.replace(/.*/, (name) => `"${name}"`)}::text`;
    const { rows } = await platform.database.admin.execute<{ value: string }>(
      sql.raw(`select ${text} as value from "${schema}"."${table}" where "${column}" is not null`),
    );
    if (rows.some(({ value }) => needles.some((needle) => value.includes(needle)))) {
      found.push(`${table}.${column}`);
    }
  }
  return found;
}

const ledgerSums = async () =>
  (
    await platform.database.admin.execute(
      sql`select transfer_id, sum(amount_nano)::text as sum from ledger_entries group by transfer_id`,
    )
  ).rows;

describe('an export', () => {
  test('has everything about the person, in whatever organization it lies, and nothing of others', async () => {
    const eve = await openAccount(platform, `eve-${count}`);
    const team = await foundTeam(eve);
    await join(team, ada);
    await leaveTraces('mark-of-ada', team);
    const { status, body } = await platform.call('GET /v1/auth/export', { as: ada.token });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user: { email: ada.email, full_name: 'mark-of-ada' },
      are_messages_complete: true,
      sessions: [{ user_agent: 'browser of mark-of-ada', address: '203.0.113.7' }],
    });
    expect(body.keys).toHaveLength(3);
    for (const part of ['conversations', 'messages', 'invitations', 'provider_keys'] as const) {
      expect(body[part], part).toHaveLength(2);
    }
    expect(body.messages[0]).toMatchObject({
      content: 'mark-of-ada says',
      metadata: { mark: 'mark-of-ada' },
    });
    expect(body.provider_keys[0]).toMatchObject({ provider: 'openai', label: 'mark-of-ada' });
    expect(body.audit_log.length).toBeGreaterThan(2);
    expect(JSON.stringify(body)).not.toMatch(/hash|secret|argon2/);
    const other = await platform.call('GET /v1/auth/export', { as: eve.token });
    expect(JSON.stringify(other.body)).not.toContain('mark-of-ada');
  });

  test('is for people, not for keys', async () => {
    const key = await platform.createKey(ada);
    expect((await platform.call('GET /v1/auth/export', { as: key })).status).toBe(403);
  });
});

describe('deactivating', () => {
  test('ends sessions and keys at once, and says until when it can be undone', async () => {
    const key = await platform.createKey(ada);
    expect((await platform.call('GET /v1/auth/me', { as: key })).status).toBe(200);
    const { status, body } = await deactivate();
    expect(status).toBe(200);
    expect(Date.parse(body.erase_after)).toBe(platform.time.nowMs + 14 * DAY_MS);
    expect((await platform.call('GET /v1/auth/me', { as: ada.token })).status).toBe(401);
    await expect
      .poll(async () => (await platform.call('GET /v1/auth/me', { as: key })).body.error?.code)
      .toBe('key_revoked');
    expect((await signIn(platform, ada.email)).body.error.code).toBe('invalid_credentials');
    const refresh = { body: { refresh_token: ada.refreshToken } };
    expect((await platform.call('POST /v1/auth/refresh', refresh)).status).toBe(401);
    const mails = await mailsTo(platform, ada.email);
    expect(mails.map(({ content }) => content)).toEqual([
      { template: 'account-deactivated', eraseAfter: body.erase_after },
    ]);
    const deeds = await platform.database.admin
      .select({ action: auditLog.action })
      .from(auditLog)
      .where(eq(auditLog.actorId, ada.userId));
    expect(deeds.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['account.deactivate', 'session.end', 'key.revoke']),
    );
  });

  test('needs the password', async () => {
    expect(await deactivate(ada.token, 'wrong')).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_credentials' } },
    });
    expect((await platform.call('GET /v1/auth/me', { as: ada.token })).status).toBe(200);
  });

  test('is refused to who owns what others belong to', async () => {
    const eve = await openAccount(platform, `eve-${count}`);
    await join(await foundTeam(ada), eve);
    expect(await deactivate()).toMatchObject({
      status: 409,
      body: { error: { code: 'last_owner' } },
    });
    expect((await platform.call('GET /v1/auth/me', { as: ada.token })).status).toBe(200);
  });

  test('ends nothing of others', async () => {
    const eve = await openAccount(platform, `eve-${count}`);
    const key = await platform.createKey(eve);
    await deactivate();
    expect((await platform.call('GET /v1/auth/me', { as: eve.token })).status).toBe(200);
    expect((await platform.call('GET /v1/auth/me', { as: key })).status).toBe(200);
  });

  test('can be undone by the operator within the grace, and then nobody is erased', async () => {
    await deactivate();
    await restoreUser(platform.ctx, ada.email);
    platform.time.nowMs += 15 * DAY_MS;
    await eraseNow();
    expect((await signIn(platform, ada.email)).status).toBe(200);
    await expect(restoreUser(platform.ctx, ada.email)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('erasing', () => {
  test('leaves no personal data in any column of any table, while the ledger still sums', async () => {
    const eve = await openAccount(platform, `eve-${count}`);
    const team = await foundTeam(eve);
    await join(team, ada);
    const mark = 'mark-to-be-erased';
    await leaveTraces(mark, team);
    await platform.database.admin.insert(ledgerEntries).values(
      (['clearing', 'adjustments'] as const).map((account, index) => ({
        id: `led_${count}${index}`,
        transferId: `trf_${count}`,
        organizationId: ada.organizationId,
        account,
        kind: 'start_credit' as const,
        amountNano: index === 0 ? 5n : -5n,
      })),
    );
    const sums = await ledgerSums();
    const needles = [mark, ada.email];
    const before = await findInDatabase(needles);
    expect(before).toEqual(
      expect.arrayContaining([
        'users.email',
        'users.full_name',
        'sessions.user_agent',
        'messages.content',
        'messages.metadata',
        'conversations.title',
        'feedback.comment',
        'feedback.tags',
        'invitations.email',
        'api_keys.name',
        'api_keys.alert_webhook_secret',
        'organizations.name',
        'idempotency_keys.answer',
        'cached_answers.answer',
        'provider_keys.label',
        'routing_decisions.features',
        'routing_decisions.conversation',
      ]),
    );
    await deactivate();
    platform.time.nowMs += 14 * DAY_MS - 1;
    await eraseNow();
    expect(await findInDatabase(needles)).not.toEqual([]);
    platform.time.nowMs += 1;
    await eraseNow();

    expect(await findInDatabase(needles)).toEqual([]);
    const { admin } = platform.database;
    const deeds = await admin
      .select({ address: auditLog.address })
      .from(auditLog)
      .where(eq(auditLog.actorId, ada.userId));
    expect(new Set(deeds.map(({ address }) => address))).toEqual(new Set([null]));
    expect(await ledgerSums()).toEqual(sums);
    expect(new Set(sums.map(({ sum }) => sum))).toEqual(new Set(['0']));
    const [own] = await admin
      .select()
      .from(organizations)
      .where(eq(organizations.id, ada.organizationId));
    expect(own).toMatchObject({ name: 'erased', deletedAt: expect.any(Date) });
    expect(await admin.$count(memberships, eq(memberships.userId, ada.userId))).toBe(0);
    // Their own organization's is gone; what they brought to others is still used there.
    const brought = eq(providerKeys.createdBy, ada.userId);
    expect(await admin.select().from(providerKeys).where(brought)).toMatchObject([
      { organizationId: team, label: 'erased' },
    ]);
    const [erasure] = await admin
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.action, 'account.erase'), eq(auditLog.subject, ada.userId)));
    expect(erasure).toMatchObject({ actorKind: 'system', organizationId: null });
    expect((await platform.call('GET /v1/auth/me', { as: eve.token })).status).toBe(401);
    expect((await signIn(platform, eve.email)).status).toBe(200);
  });

  test('frees the address for another account', async () => {
    await deactivate();
    platform.time.nowMs += 14 * DAY_MS;
    await eraseNow();
    const again = await openAccount(platform, `ada-${count}`);
    expect(again.userId).not.toBe(ada.userId);
  });

  test('takes accounts whose address nobody confirmed within a week, and no others', async () => {
    const email = `unconfirmed-${count}@example.com`;
    await platform.call('POST /v1/auth/register', { body: { email, password: PASSWORD } });
    const isThere = () => platform.database.admin.$count(users, eq(users.email, email));
    platform.time.nowMs += 7 * DAY_MS - 1;
    await eraseNow();
    expect(await isThere()).toBe(1);
    platform.time.nowMs += 1;
    await eraseNow();
    expect(await isThere()).toBe(0);
    expect((await signIn(platform, ada.email)).status).toBe(200);
  });
});

describe('purging', () => {
  test('deletes what has served or ended, and keeps what is in use', async () => {
    const { admin } = platform.database;
    const email = ada.email;
    await platform.call('POST /v1/auth/forgot-password', { body: { email } });
    await platform.call('POST /v1/auth/2fa/setup', { as: ada.token, body: { password: PASSWORD } });
    const own = eq(sessions.userId, ada.userId);
    platform.time.nowMs += 4 * DAY_MS;
    await purge(system());
    expect(await admin.$count(userTokens, eq(userTokens.userId, ada.userId))).toBe(0);
    expect(await admin.$count(totpSecrets, eq(totpSecrets.userId, ada.userId))).toBe(0);
    expect(await mailsTo(platform, email)).toEqual([]);
    const [session] = await admin.select().from(sessions).where(own);
    const tokens = await admin
      .select({ kind: sessionTokens.kind })
      .from(sessionTokens)
      .where(eq(sessionTokens.sessionId, session?.id ?? ''));
    expect(tokens).toEqual([{ kind: 'refresh' }]);
    const refresh = { body: { refresh_token: ada.refreshToken } };
    expect((await platform.call('POST /v1/auth/refresh', refresh)).status).toBe(200);
    platform.time.nowMs += 61 * DAY_MS;
    await purge(system());
    expect(await admin.$count(sessions, own)).toBe(0);
  });
});
