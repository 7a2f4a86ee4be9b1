import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditLog, budgets, idempotencyKeys, memberships } from '../../platform/db/index.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

let platform: TestPlatform;
let ada: TestPerson;
let eve: TestPerson;
beforeAll(async () => {
  platform = await createTestPlatform();
  ada = await platform.signUp('ada');
  eve = await platform.signUp('eve');
});
afterAll(() => platform.close());

const create = (as: string, name = 'Acme Inc', headers = {}) =>
  platform.call('POST /v1/organizations', { as, body: { name }, headers });

const newestDeed = async (organizationId: string) => {
  const [deed] = await platform.database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.organizationId, organizationId))
    .orderBy(desc(auditLog.id));
  return deed;
};

describe('does', () => {
  test('who creates an organization owns it, and the record says who, what and from where', async () => {
    const { status, body, headers } = await create(ada.token);
    expect(status).toBe(201);
    expect(body).toEqual({
      organization: {
        org_id: expect.stringMatching(/^org_/),
        name: 'Acme Inc',
        kind: 'team',
        role: 'owner',
        time_zone: 'UTC',
        monthly_spend_quota_usd: null,
        spend_this_month_usd: '0.00',
        created_at: '2026-01-02T00:00:00.000Z',
      },
    });
    expect(headers.get('x-trace-id')).toMatch(/^req_/);
    expect(headers.get('x-ratelimit-limit')).toBe('600');
    const { org_id: id } = body.organization;
    expect(await newestDeed(id)).toMatchObject({
      action: 'organization.create',
      subject: id,
      actorKind: 'user',
      actorId: ada.userId,
      address: '203.0.113.7',
    });
    const again = await platform.call(`GET /v1/organizations/${id}`, { as: ada.token });
    expect(again.body).toEqual(body.organization);
  });

  test('lists page by page what a person belongs to, the oldest first', async () => {
    const bob = await platform.signUp('bob');
    const made: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      made.push((await create(bob.token, name)).body.organization.org_id);
      platform.time.nowMs += 1;
    }
    const first = await platform.call('GET /v1/organizations?limit=3', { as: bob.token });
    expect(first.body).toMatchObject({ object: 'list', has_more: true });
    const rest = await platform.call(
      `GET /v1/organizations?limit=3&after=${first.body.next_cursor}`,
      { as: bob.token },
    );
    expect(rest.body).toMatchObject({ has_more: false, next_cursor: null });
    const ids = [...first.body.data, ...rest.body.data].map(({ org_id }) => String(org_id));
    expect(ids.toSorted()).toEqual([bob.organizationId, ...made].toSorted());
  });

  test('renames, with a row in the record', async () => {
    const { org_id: id } = (await create(ada.token)).body.organization;
    const { status, body } = await platform.call(`PATCH /v1/organizations/${id}`, {
      as: ada.token,
      body: { name: '  Acme Ltd ' },
    });
    expect([status, body.name]).toEqual([200, 'Acme Ltd']);
    expect(await newestDeed(id)).toMatchObject({ action: 'organization.update', subject: id });
  });

  test('sets and takes away a quota and the time zone of its months, and says so in the record and to every gateway', async () => {
    const { org_id: id } = (await create(ada.token)).body.organization;
    const heard: string[] = [];
    const listener = platform.database.createClient();
    await listener.connect();
    await listener.query('listen budget');
    listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
    const change = (body: object) =>
      platform.call(`PATCH /v1/organizations/${id}`, { as: ada.token, body });
    const set = await change({ monthly_spend_quota_usd: '12.5', time_zone: 'Asia/Seoul' });
    expect(set).toMatchObject({
      status: 200,
      body: { name: 'Acme Inc', monthly_spend_quota_usd: '12.50', time_zone: 'Asia/Seoul' },
    });
    expect(await newestDeed(id)).toMatchObject({
      action: 'organization.update',
      details: {
        changed: ['timeZone', 'monthlySpendQuotaNano'],
        timeZone: { from: 'UTC', to: 'Asia/Seoul' },
        monthlySpendQuotaNano: { from: null, to: '12500000000' },
      },
    });
    expect((await change({ monthly_spend_quota_usd: null })).body).toMatchObject({
      monthly_spend_quota_usd: null,
      time_zone: 'Asia/Seoul',
    });
    expect((await change({})).body).toEqual((await change({ name: 'Acme Inc' })).body);
    await expect.poll(() => heard).toEqual([`wanted ${id}`, `wanted ${id}`]);
    await listener.end();
  });

  test('shows what was spent since the month began where the organization is, in the list too', async () => {
    const frieda = await platform.signUp('frieda');
    const { org_id: id } = (await create(frieda.token)).body.organization;
    await platform.call(`PATCH /v1/organizations/${id}`, {
      as: frieda.token,
      body: { time_zone: 'Pacific/Kiritimati' },
    });
    const spent = { organizationId: id, scope: 'organization', subject: id } as const;
    await platform.database.admin.insert(budgets).values([
      { ...spent, month: '2026-01', spentNano: 3_000_000_001n },
      { ...spent, month: '2026-02', spentNano: 7_000_000_000n },
    ]);
    const start = platform.time.nowMs;
    const seen = async (nowMs: number) => {
      platform.time.nowMs = nowMs;
      const one = await platform.call(`GET /v1/organizations/${id}`, { as: frieda.token });
      const all = await platform.call('GET /v1/organizations', { as: frieda.token });
      expect(all.body.data).toContainEqual(one.body);
      expect(all.body.data).toHaveLength(2);
      return one.body.spend_this_month_usd;
    };
    expect(await seen(Date.UTC(2026, 0, 31, 9, 59, 59))).toBe('3.000000001');
    expect(await seen(Date.UTC(2026, 0, 31, 10))).toBe('7.00');
    platform.time.nowMs = start;
    const key = await platform.createKey(frieda, id);
    const byKey = await platform.call('GET /v1/organizations', { as: key });
    expect(byKey.body.data).toMatchObject([{ org_id: id, spend_this_month_usd: '3.000000001' }]);
  });

  test('a key acts in its own organization and in those that it created', async () => {
    const key = await platform.createKey(ada);
    const { org_id: id } = (await create(key, 'By key')).body.organization;
    const seen = await platform.call('GET /v1/organizations', { as: key });
    expect(seen.body.data.map((each: { org_id: string }) => each.org_id)).toEqual([
      ada.organizationId,
      id,
    ]);
    expect((await platform.call(`GET /v1/organizations/${id}`, { as: key })).status).toBe(200);
    expect(await newestDeed(id)).toMatchObject({ actorKind: 'key' });
  });

  test('one idempotency key creates one organization and gives one answer, sealed in the database', async () => {
    const headers = { 'idempotency-key': 'once-1' };
    const first = await create(ada.token, 'Once', headers);
    const second = await create(ada.token, 'Once', headers);
    expect(second).toMatchObject({ status: 201, body: first.body });
    const rows = await platform.database.admin.select().from(idempotencyKeys);
    const stored = rows.map(({ answer }) => answer?.toString('latin1')).join();
    expect(stored).not.toContain('Once');
    const other = await create(ada.token, 'Other', headers);
    expect([other.status, other.body.error.code]).toEqual([409, 'idempotency_conflict']);
    expect(await create(eve.token, 'Other', headers)).toMatchObject({ status: 201 });
    platform.time.nowMs += 24 * 3_600_000;
    expect(await create(ada.token, 'Other', headers)).toMatchObject({ status: 201 });
  });

  test('of concurrent requests with one idempotency key one creates, the others are told to come back', async () => {
    const frank = await platform.signUp('frank');
    const headers = { 'idempotency-key': 'at-once' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => create(frank.token, 'At once', headers)),
    );
    expect(new Set(answers.map(({ status }) => status))).toSatisfy((statuses: Set<number>) =>
      [...statuses].every((status) => status === 201 || status === 409),
    );
    const listed = await platform.call('GET /v1/organizations', { as: frank.token });
    expect(listed.body.data).toHaveLength(2);
  });

  test('a refused request frees its idempotency key', async () => {
    const headers = { 'idempotency-key': 'second-try' };
    expect(await create(ada.token, '', headers)).toMatchObject({ status: 400 });
    expect(await create(ada.token, 'Better', headers)).toMatchObject({ status: 201 });
  });
});

describe('refuses', () => {
  test.each<[string, unknown, string, string | null]>([
    ['an unknown field, with a hint', { nmae: 'Acme' }, 'Did you mean "name"?', 'nmae'],
    ['a missing field', {}, 'name: ', 'name'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'name: ', 'name'],
    ['text that no database can hold', { name: 'a\0b' }, 'U+0000', null],
    ['half of a surrogate pair', { name: 'a\ud800' }, 'surrogate', null],
    ['something else than an object', 'Acme', 'expected object', null],
  ])('%s', async (_what, body, message, param) => {
    const answer = await platform.call('POST /v1/organizations', { as: ada.token, body });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 'invalid_request_error', param });
    expect(answer.body.error.message).toContain(message);
  });

  test('a body that is not declared as JSON, is not JSON or is too large', async () => {
    const send = (headers: Record<string, string>, body: unknown) =>
      platform.call('POST /v1/organizations', { as: ada.token, headers, body });
    expect(await send({ 'content-type': 'text/plain' }, { name: 'x' })).toMatchObject({
      status: 400,
    });
    expect(await send({}, { name: 'x'.repeat(70_000) })).toMatchObject({ status: 413 });
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'lmit=1'])(
    'the query %s',
    async (query) => {
      const answer = await platform.call(`GET /v1/organizations?${query}`, { as: ada.token });
      expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request_error']);
    },
  );

  test('nobody, a made-up token and an expired one', async () => {
    const late = await platform.signUp('sleeper');
    const statusAs = async (as?: string) => {
      const { status, body } = await platform.call('GET /v1/organizations', { as });
      return [status, body.error.code];
    };
    expect(await statusAs()).toEqual([401, 'invalid_api_key']);
    expect(await statusAs('x'.repeat(43))).toEqual([401, 'invalid_api_key']);
    platform.time.nowMs += 30 * 24 * 3_600_000;
    expect(await statusAs(late.token)).toEqual([401, 'token_expired']);
    platform.time.nowMs -= 30 * 24 * 3_600_000;
  });

  test.each<[string, object, string]>([
    ['a time zone that is none', { time_zone: 'Europe/Atlantis' }, 'time_zone'],
    ['a time zone in another spelling', { time_zone: 'europe/berlin' }, 'time_zone'],
    ['an offset', { time_zone: '+02:00' }, 'time_zone'],
    ['a time zone that only files have', { time_zone: 'posix/Europe/Berlin' }, 'time_zone'],
    ['a quota that is a number', { monthly_spend_quota_usd: 5 }, 'monthly_spend_quota_usd'],
    ['a quota below zero', { monthly_spend_quota_usd: '-1' }, 'monthly_spend_quota_usd'],
    ['a quota that no ledger can hold', { monthly_spend_quota_usd: '1000000000' }, 'below'],
  ])('%s', async (_what, body, message) => {
    const path = `/v1/organizations/${ada.organizationId}`;
    const answer = await platform.call(`PATCH ${path}`, { as: ada.token, body });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request_error']);
    expect(answer.body.error.message).toContain(message);
  });

  test('a quota that a developer sets, or a key that is limited itself', async () => {
    const { org_id: id } = (await create(ada.token)).body.organization;
    const dora = await platform.signUp('dora');
    await platform.database.admin.insert(memberships).values({
      id: platform.ctx.newId('membership'),
      organizationId: id,
      userId: dora.userId,
      role: 'developer',
    });
    const limited = await platform.call('POST /v1/keys', {
      as: ada.token,
      body: { name: 'limited', monthly_spend_cap_usd: '1' },
      headers: { 'x-organization-id': id },
    });
    for (const as of [dora.token, limited.body.full_key]) {
      const body = { monthly_spend_quota_usd: '100' };
      const answer = await platform.call(`PATCH /v1/organizations/${id}`, { as, body });
      expect([answer.status, answer.body.error.code]).toEqual([403, 'permission_denied']);
    }
    const after = await platform.call(`GET /v1/organizations/${id}`, { as: ada.token });
    expect(after.body.monthly_spend_quota_usd).toBeNull();
  });

  test('to let a key without a person own an organization', async () => {
    const { createKey } = await import('../../customers/keys/index.ts');
    const { secret } = await createKey(platform.ctx, {
      organizationId: ada.organizationId,
      name: 'of the operator',
    });
    const answer = await create(secret.reveal());
    expect([answer.status, answer.body.error.code]).toEqual([403, 'permission_denied']);
  });

  test('a method that the path does not take, naming those it does', async () => {
    const answer = await platform.call('PUT /v1/organizations', { as: ada.token });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD, OPTIONS']);
  });
});

describe('keeps apart', () => {
  test('another’s organization looks like none, whatever is tried with it', async () => {
    const { org_id: id } = (await create(ada.token)).body.organization;
    const nothing = await platform.call('GET /v1/organizations/org_0', { as: eve.token });
    for (const call of [
      platform.call(`GET /v1/organizations/${id}`, { as: eve.token }),
      platform.call(`PATCH /v1/organizations/${id}`, { as: eve.token, body: { name: 'Mine' } }),
      platform.call('GET /v1/organizations', {
        as: eve.token,
        headers: { 'x-organization-id': id },
      }),
    ]) {
      const { status, body } = await call;
      expect([status, body]).toEqual([404, nothing.body]);
    }
  });

  test('a key of one organization does not reach its maker’s other ones', async () => {
    const key = await platform.createKey(ada);
    const { org_id: id } = (await create(ada.token)).body.organization;
    expect(await platform.call(`GET /v1/organizations/${id}`, { as: key })).toMatchObject({
      status: 404,
    });
    const seen = await platform.call('GET /v1/organizations', { as: key });
    expect(seen.body.data).toHaveLength(1);
  });
});
