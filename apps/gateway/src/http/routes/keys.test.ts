import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { apiKeys, auditLog, budgets, memberships } from '../../platform/db/index.ts';
import { createWebhookSender, signWebhook } from '../../platform/webhooks/index.ts';
import { createTestReceiver, type TestReceiver } from '../../platform/webhooks/testing.ts';
import { Secret } from '../../platform/secret.ts';
import { createCallerAddress } from '../caller-address.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

const PROXY = '203.0.113.7';
const START_MS = Date.UTC(2026, 0, 20);

let platform: TestPlatform;
let receiver: TestReceiver;
let ada: TestPerson;
let bob: TestPerson;
let eve: TestPerson;
/** Ada's team, in which Bob is a developer. */
let team: string;

beforeAll(async () => {
  receiver = await createTestReceiver();
  platform = await createTestPlatform({
    changes: {
      callerAddress: createCallerAddress([PROXY]),
      webhooks: createWebhookSender({ connect: receiver.connect }),
    },
  });
  platform.time.nowMs = START_MS;
  ada = await platform.signUp('ada');
  bob = await platform.signUp('bob');
  eve = await platform.signUp('eve');
  const { body } = await platform.call('POST /v1/organizations', {
    as: ada.token,
    body: { name: 'Acme' },
  });
  team = body.organization.org_id;
  await platform.database.admin.insert(memberships).values({
    id: 'mem_bob',
    organizationId: team,
    userId: bob.userId,
    role: 'developer',
  });
});
afterAll(async () => {
  await platform.close();
  await receiver.close();
});

const headersOf = (person: TestPerson) => ({
  'x-organization-id': person === eve ? eve.organizationId : team,
});
const call = (operation: `${string} /${string}`, person: TestPerson, body?: unknown) =>
  platform.call(operation, { as: person.token, body, headers: headersOf(person) });
const create = (person: TestPerson, limits: object = {}) =>
  call('POST /v1/keys', person, { name: 'prod-2026', ...limits });
/** `[id, full key]` of a new key. */
const newKey = async (person: TestPerson, limits: object = {}): Promise<[string, string]> => {
  const { body } = await create(person, limits);
  return [body.key.key_id, body.full_key];
};
const use = (fullKey: string, address = '198.51.100.1') =>
  platform.call('GET /v1/models', { as: fullKey, headers: { 'x-forwarded-for': address } });
const codeOf = async (answer: ReturnType<typeof use>) => {
  const { status, body } = await answer;
  return status === 200 ? 200 : body.error.code;
};
const newestDeed = async (subject: string) => {
  const [deed] = await platform.database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.subject, subject))
    .orderBy(desc(auditLog.id));
  return deed;
};
const spend = (keyId: string, month: string, spentNano: bigint) =>
  platform.database.admin
    .insert(budgets)
    .values({ organizationId: team, scope: 'key', subject: keyId, month, spentNano });

describe('does', () => {
  test('a new key is shown in full once, works at once, and is on record', async () => {
    const { status, body } = await create(ada);
    expect(status).toBe(201);
    expect(body).toEqual({
      full_key: expect.stringMatching(/^sk-xc-\w{43}$/),
      key: {
        key_id: expect.stringMatching(/^key_/),
        name: 'prod-2026',
        prefix: body.full_key.slice(0, 12),
        status: 'active',
        monthly_spend_cap_usd: null,
        spend_this_month_usd: '0.00',
        alert_webhook_url: null,
        alert_thresholds: [50, 80, 100],
        geo_policy: 'any',
        allowed_models: null,
        ip_allow_list: null,
        rate_limit_rpm: null,
        cache: { mode: 'off', scope: 'key', ttl_seconds: 86_400, min_similarity: 0.8 },
        created_by: ada.userId,
        created_at: new Date(START_MS).toISOString(),
        expires_at: null,
        revoked_at: null,
        last_used_at: null,
        previous_secret_ends_at: null,
      },
    });
    expect(await codeOf(use(body.full_key))).toBe(200);
    const { key } = body;
    expect((await call(`GET /v1/keys/${key.key_id}`, ada)).body).toEqual(key);
    expect(await newestDeed(key.key_id)).toMatchObject({ action: 'key.create' });
    const stored = await platform.database.admin
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.id, key.key_id));
    expect(JSON.stringify(stored)).not.toContain(body.full_key);
  });

  test('every field of a new key is kept, and one idempotency key makes one key', async () => {
    const limits = {
      monthly_spend_cap_usd: '100.000000001',
      alert_webhook_url: 'https://your-app.example.com/billing-alert',
      geo_policy: 'cn-only',
      allowed_models: ['nexevo/fast'],
      ip_allow_list: ['203.0.113.0/24', '2001:db8::/32', '198.51.100.1'],
      expires_at: '2027-01-01T00:00:00.000Z',
      rate_limit_rpm: 7,
    };
    const once = () =>
      platform.call('POST /v1/keys', {
        as: ada.token,
        body: { name: 'all', ...limits },
        headers: { ...headersOf(ada), 'idempotency-key': 'all-once' },
      });
    const { status, body } = await once();
    expect(status).toBe(201);
    expect(body.key).toMatchObject(limits);
    expect(body.signing_secret).toMatch(/^whsec_/);
    expect((await once()).body).toEqual(body);
    const { headers } = await use(body.full_key);
    expect(headers.get('x-ratelimit-limit')).toBe('7');
  });

  test('lists page by page, the newest first, never with a secret', async () => {
    const made: string[] = [];
    const keys: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      platform.time.nowMs += 1;
      const [id, fullKey] = await newKey(eve);
      made.unshift(id);
      keys.push(fullKey);
    }
    const first = await call('GET /v1/keys?limit=2', eve);
    const rest = await call(`GET /v1/keys?limit=2&after=${first.body.next_cursor}`, eve);
    const listed = [...first.body.data, ...rest.body.data];
    expect(listed.map(({ key_id }) => key_id)).toEqual(made);
    expect([first.body.has_more, rest.body.has_more]).toEqual([true, false]);
    for (const key of keys) expect(JSON.stringify(listed)).not.toContain(key);
  });

  test('shows what a key spent since the month began where the organization is', async () => {
    const [id] = await newKey(ada);
    await platform.database.admin.execute(
      `update organizations set time_zone = 'Asia/Seoul' where id = '${team}'`,
    );
    platform.time.nowMs = Date.UTC(2026, 0, 31, 14, 59, 59);
    await spend(id, '2025-12', 5_000_000_000n);
    await spend(id, '2026-01', 250_000_001n);
    await spend(id, '2026-02', 7_000_000_000n);
    const { body } = await call(`GET /v1/keys/${id}`, ada);
    expect(body.spend_this_month_usd).toBe('0.250000001');
    const listed = await call('GET /v1/keys', ada);
    expect(listed.body.data).toContainEqual(body);
    platform.time.nowMs += 1_000;
    const inFebruary = await call(`GET /v1/keys/${id}`, ada);
    expect(inFebruary.body.spend_this_month_usd).toBe('7.00');
    platform.time.nowMs = START_MS;
  });

  test('changes what is named, leaves the rest, and takes limits away', async () => {
    const [id] = await newKey(ada, { rate_limit_rpm: 5, allowed_models: ['a/b'] });
    const path = `PATCH /v1/keys/${id}` as const;
    const changed = await call(path, ada, {
      name: 'renamed',
      monthly_spend_cap_usd: '5',
      allowed_models: null,
      ip_allow_list: ['::1'],
      expires_at: '2026-06-01T00:00:00.000Z',
    });
    const expected = {
      name: 'renamed',
      monthly_spend_cap_usd: '5.00',
      allowed_models: null,
      rate_limit_rpm: 5,
      ip_allow_list: ['::1'],
      expires_at: '2026-06-01T00:00:00.000Z',
    };
    expect(changed).toMatchObject({ status: 200, body: expected });
    expect(await newestDeed(id)).toMatchObject({
      action: 'key.update',
      details: {
        fields: ['name', 'monthlySpendCapNano', 'allowedModels', 'ipAllowList', 'expiresAt'],
      },
    });
    const freed = { monthly_spend_cap_usd: null, ip_allow_list: null, expires_at: null };
    expect((await call(path, ada, freed)).body).toMatchObject({ ...expected, ...freed });
    expect((await call(path, ada, {})).body).toMatchObject({ ...expected, ...freed });
  });

  test('a cap is set, shown and cleared', async () => {
    const [id] = await newKey(ada);
    const path = `PATCH /v1/keys/${id}/spend-cap` as const;
    const set = await call(path, ada, { monthly_spend_cap_usd: '100' });
    expect([set.status, set.body.monthly_spend_cap_usd]).toEqual([200, '100.00']);
    const cleared = await call(path, ada, { clear: true });
    expect([cleared.status, cleared.body.monthly_spend_cap_usd]).toEqual([200, null]);
    expect(await newestDeed(id)).toMatchObject({
      action: 'key.update',
      details: { monthlySpendCapNano: { from: '100000000000', to: null } },
    });
  });

  test('the record says from which region to which', async () => {
    const [id] = await newKey(ada, { geo_policy: 'cn-only' });
    await call(`PATCH /v1/keys/${id}/geo-policy`, ada, { geo_policy: 'any' });
    expect(await newestDeed(id)).toMatchObject({
      action: 'key.update',
      details: { fields: ['geoPolicy'], geoPolicy: { from: 'cn-only', to: 'any' } },
    });
  });

  test('a new webhook URL gets a new signing secret, shown once and sealed; the same URL keeps it', async () => {
    const [id] = await newKey(ada);
    const path = `PATCH /v1/keys/${id}/alert-webhook` as const;
    const first = await call(path, ada, { url: 'https://a.example.com/x' });
    expect(first.body).toMatchObject({
      alert_webhook_url: 'https://a.example.com/x',
      alert_thresholds: [50, 80, 100],
      signing_secret: expect.stringMatching(/^whsec_/),
    });
    const same = await call(path, ada, {
      url: 'https://a.example.com/x',
      thresholds: [90, 10, 90],
    });
    expect(same.body.alert_thresholds).toEqual([10, 90]);
    expect(same.body).not.toHaveProperty('signing_secret');
    const other = await call(`PATCH /v1/keys/${id}`, ada, {
      alert_webhook_url: 'https://b.example.com/',
    });
    expect(other.body.signing_secret).not.toBe(first.body.signing_secret);
    const [stored] = await platform.database.admin.select().from(apiKeys).where(eq(apiKeys.id, id));
    expect(stored?.alertWebhookSecret?.toString('latin1')).not.toContain('whsec_');
    const cleared = await call(path, ada, { clear: true });
    expect(cleared.body.alert_webhook_url).toBeNull();
  });

  test('a test event reaches the webhook, signed with the secret that was shown', async () => {
    const [id] = await newKey(ada);
    const url = 'https://hooks.example.com/alerts';
    const { body: webhook } = await call(`PATCH /v1/keys/${id}/alert-webhook`, ada, { url });
    const { status, body } = await call(`POST /v1/keys/${id}/alert-webhook/test`, ada);
    expect([status, body]).toEqual([200, { delivered: true, status: 204, problem: null }]);
    const event = receiver.received.at(-1);
    expect(JSON.parse(event?.body ?? '')).toEqual({
      type: 'key.alert_test',
      timestamp: new Date(platform.time.nowMs).toISOString(),
      data: { org_id: team, key_id: id, thresholds: [50, 80, 100] },
    });
    const message = {
      id: String(event?.headers['webhook-id']),
      sentAtMs: platform.time.nowMs,
      body: event?.body ?? '',
    };
    expect(event?.headers).toMatchObject(
      signWebhook(message, [new Secret(webhook.signing_secret)]),
    );
  });

  test('a rotated key keeps its id, limits and spend; both secrets work until the grace ends, remembered or not', async () => {
    const [id, old] = await newKey(ada, { rate_limit_rpm: 50 });
    expect(await codeOf(use(old))).toBe(200);
    const { status, body } = await call(`POST /v1/keys/${id}/rotate`, ada, {
      grace_period_seconds: 60,
    });
    expect(status).toBe(201);
    expect(body.key).toMatchObject({
      key_id: id,
      rate_limit_rpm: 50,
      prefix: body.full_key.slice(0, 12),
      previous_secret_ends_at: new Date(platform.time.nowMs + 60_000).toISOString(),
    });
    expect(await newestDeed(id)).toMatchObject({ action: 'key.rotate' });
    platform.time.nowMs += 59_999;
    expect([await codeOf(use(old)), await codeOf(use(body.full_key))]).toEqual([200, 200]);
    platform.time.nowMs += 1;
    expect(await codeOf(use(old))).toBe('key_revoked');
    platform.time.nowMs += 60_000;
    expect([await codeOf(use(old)), await codeOf(use(body.full_key))]).toEqual([
      'key_revoked',
      200,
    ]);
  });

  test('without a grace the old secret ends at once, a remembered one too', async () => {
    const [id, old] = await newKey(ada);
    expect(await codeOf(use(old))).toBe(200);
    const { body } = await call(`POST /v1/keys/${id}/rotate`, ada, {});
    await vi.waitFor(async () => expect(await codeOf(use(old))).toBe('key_revoked'));
    expect(await codeOf(use(body.full_key))).toBe(200);
  });

  test('a revoked key is refused everywhere, in its grace too, and stays in the list', async () => {
    const [id, old] = await newKey(ada);
    const { body } = await call(`POST /v1/keys/${id}/rotate`, ada, { grace_period_seconds: 3600 });
    expect([await codeOf(use(old)), await codeOf(use(body.full_key))]).toEqual([200, 200]);
    expect((await call(`DELETE /v1/keys/${id}`, ada)).status).toBe(204);
    for (const key of [old, body.full_key]) {
      await vi.waitFor(async () => expect(await codeOf(use(key))).toBe('key_revoked'));
    }
    expect(await newestDeed(id)).toMatchObject({ action: 'key.revoke' });
    expect((await call(`GET /v1/keys/${id}`, ada)).body).toMatchObject({
      status: 'revoked',
      revoked_at: new Date(platform.time.nowMs).toISOString(),
    });
    expect((await call(`DELETE /v1/keys/${id}`, ada)).status).toBe(204);
  });

  test('a developer creates keys, and changes, rotates and revokes their own', async () => {
    const [id] = await newKey(bob);
    const answers = [
      await call(`PATCH /v1/keys/${id}`, bob, { name: 'mine' }),
      await call(`PATCH /v1/keys/${id}/geo-policy`, bob, { geo_policy: 'overseas-only' }),
      await call(`POST /v1/keys/${id}/rotate`, bob, {}),
      await call(`PATCH /v1/keys/${id}/spend-cap`, ada, { monthly_spend_cap_usd: '1' }),
      await call(`DELETE /v1/keys/${id}`, bob),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 201, 200, 204]);
    expect(answers[1]?.body.geo_policy).toBe('overseas-only');
  });

  test('a key is used from its addresses only, as trusted proxies tell them, and elsewhere uses nothing up', async () => {
    const [, key] = await newKey(ada, { ip_allow_list: ['198.51.100.0/28'], rate_limit_rpm: 2 });
    for (let count = 0; count < 3; count += 1) {
      expect(await codeOf(use(key, '198.51.100.16'))).toBe('ip_not_allowed');
    }
    expect(await codeOf(use(key, '198.51.100.15'))).toBe(200);
    expect(await codeOf(use(key, '10.0.0.1, 198.51.100.15'))).toBe(200);
    expect(await codeOf(use(key, '198.51.100.15, 10.0.0.1'))).toBe('ip_not_allowed');
    const platformCall = await platform.call('GET /v1/keys', { as: key });
    expect([platformCall.status, platformCall.body.error.code]).toEqual([403, 'ip_not_allowed']);
  });

  test('a change of the addresses counts within a moment, also for a remembered key', async () => {
    const [id, key] = await newKey(ada);
    expect(await codeOf(use(key))).toBe(200);
    await call(`PATCH /v1/keys/${id}`, ada, { ip_allow_list: ['192.0.2.1'] });
    await vi.waitFor(async () => expect(await codeOf(use(key))).toBe('ip_not_allowed'));
  });
});

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['a misspelt field, with a hint', { geo_polcy: 'any' }, 'Did you mean "geo_policy"?'],
    ['an unknown geo policy', { geo_policy: 'eu-only' }, 'geo_policy'],
    ['a cap that is a number', { monthly_spend_cap_usd: 100 }, 'monthly_spend_cap_usd'],
    ['a cap that no ledger can hold', { monthly_spend_cap_usd: '1000000000' }, 'below'],
    ['a negative cap', { monthly_spend_cap_usd: '-1' }, 'monthly_spend_cap_usd'],
    ['an address that is none', { ip_allow_list: ['10.0.0.0/33'] }, '203.0.113.0/24'],
    ['a name as an address', { ip_allow_list: ['localhost'] }, '203.0.113.0/24'],
    ['no address at all', { ip_allow_list: [] }, 'ip_allow_list'],
    ['no model at all', { allowed_models: [] }, 'allowed_models'],
    ['an end that is past', { expires_at: '2026-01-01T00:00:00Z' }, 'ahead'],
    ['a limit of nothing', { rate_limit_rpm: 0 }, 'rate_limit_rpm'],
    ['a webhook without TLS', { alert_webhook_url: 'http://a.example.com' }, 'https'],
    ['a webhook on this machine', { alert_webhook_url: 'https://localhost/' }, 'public'],
    ['a webhook at an address', { alert_webhook_url: 'https://169.254.169.254/' }, 'public'],
    ['a webhook at a mapped address', { alert_webhook_url: 'https://[::ffff:7f00:1]/' }, 'public'],
    ['a webhook at a number', { alert_webhook_url: 'https://2130706433/' }, 'public'],
    ['a webhook with a password', { alert_webhook_url: 'https://a:b@c.example.com' }, 'password'],
  ])('%s', async (_what, limits, message) => {
    const { status, body } = await create(ada, limits);
    expect([status, body.error.code]).toEqual([400, 'invalid_request_error']);
    expect(body.error.message).toContain(message);
  });

  test.each(['spend-cap', 'alert-webhook'] as const)(
    'neither or both of a value and "clear" for %s',
    async (what) => {
      const [id] = await newKey(ada);
      const value =
        what === 'spend-cap' ? { monthly_spend_cap_usd: '1' } : { url: 'https://a.example.com' };
      for (const body of [{}, { ...value, clear: true }, { clear: false }]) {
        const answer = await call(`PATCH /v1/keys/${id}/${what}`, ada, body);
        expect([answer.status, answer.body.error.message]).toEqual([
          400,
          expect.stringContaining('either'),
        ]);
      }
    },
  );

  test('a grace of more than a day', async () => {
    const [id] = await newKey(ada);
    const body = { grace_period_seconds: 86_401 };
    expect(await call(`POST /v1/keys/${id}/rotate`, ada, body)).toMatchObject({ status: 400 });
  });

  test('a developer: others’ keys, and caps even of their own', async () => {
    const [adas] = await newKey(ada, { alert_webhook_url: 'https://a.example.com/' });
    const [bobs] = await newKey(bob);
    const cap = { monthly_spend_cap_usd: '1' };
    for (const answer of [
      await call(`PATCH /v1/keys/${adas}`, bob, { name: 'mine' }),
      await call(`PATCH /v1/keys/${adas}/geo-policy`, bob, { geo_policy: 'any' }),
      await call(`PATCH /v1/keys/${adas}/alert-webhook`, bob, { clear: true }),
      await call(`POST /v1/keys/${adas}/alert-webhook/test`, bob),
      await call(`POST /v1/keys/${adas}/rotate`, bob, {}),
      await call(`DELETE /v1/keys/${adas}`, bob),
      await call(`PATCH /v1/keys/${bobs}/spend-cap`, bob, cap),
      await call(`PATCH /v1/keys/${bobs}`, bob, { monthly_spend_cap_usd: null }),
      await create(bob, cap),
    ]) {
      expect([answer.status, answer.body.error.code]).toEqual([403, 'permission_denied']);
    }
    expect((await call(`GET /v1/keys/${adas}`, bob)).body).toMatchObject({
      name: 'prod-2026',
      status: 'active',
    });
  });

  test.each<[string, object]>([
    ['capped', { monthly_spend_cap_usd: '1' }],
    ['bound to regions', { geo_policy: 'overseas-only' }],
    ['bound to models', { allowed_models: ['a/b'] }],
    ['bound to addresses', { ip_allow_list: [PROXY] }],
    ['about to expire', { expires_at: '2026-12-31T00:00:00Z' }],
  ])(
    'a key that is %s itself: to lift its limits, or to make keys without',
    async (_how, limits) => {
      const [id, key] = await newKey(ada, limits);
      const [other] = await newKey(ada);
      for (const [operation, body] of [
        ['POST /v1/keys', { name: 'free' }],
        [`PATCH /v1/keys/${id}`, { name: 'free' }],
        [`PATCH /v1/keys/${id}/spend-cap`, { clear: true }],
        [`POST /v1/keys/${other}/rotate`, {}],
        [`DELETE /v1/keys/${other}`, undefined],
      ] as const) {
        const answer = await platform.call(operation, { as: key, body });
        expect([answer.status, answer.body.error.code]).toEqual([403, 'permission_denied']);
      }
      const rotated = await platform.call(`POST /v1/keys/${id}/rotate`, { as: key, body: {} });
      expect(rotated).toMatchObject({ status: 201, body: { key: limitsAsShown(limits) } });
      const revoked = await platform.call(`DELETE /v1/keys/${id}`, { as: rotated.body.full_key });
      expect(revoked.status).toBe(204);
    },
  );

  test('to change or rotate a revoked key, and to test a webhook that is not there', async () => {
    const [id] = await newKey(ada);
    const untold = await call(`POST /v1/keys/${id}/alert-webhook/test`, ada);
    await call(`DELETE /v1/keys/${id}`, ada);
    for (const answer of [
      untold,
      await call(`PATCH /v1/keys/${id}`, ada, { name: 'again' }),
      await call(`POST /v1/keys/${id}/rotate`, ada, {}),
    ]) {
      expect([answer.status, answer.body.error.code]).toEqual([409, 'conflict']);
    }
  });

  test('a key once it expired, which its maker may still prolong', async () => {
    const expiresAt = new Date(platform.time.nowMs + 1_000).toISOString();
    const [id, key] = await newKey(ada, { expires_at: expiresAt });
    expect(await codeOf(use(key))).toBe(200);
    platform.time.nowMs += 1_000;
    expect(await codeOf(use(key))).toBe('key_expired');
    expect((await call(`GET /v1/keys/${id}`, ada)).body.status).toBe('expired');
    expect(await call(`POST /v1/keys/${id}/rotate`, ada, {})).toMatchObject({ status: 409 });
    await call(`PATCH /v1/keys/${id}`, ada, { expires_at: null });
    await vi.waitFor(async () => expect(await codeOf(use(key))).toBe(200));
  });
});

/** As the answer spells them. */
const limitsAsShown = (limits: object) => ({
  ...limits,
  ...('monthly_spend_cap_usd' in limits && { monthly_spend_cap_usd: '1.00' }),
  ...('expires_at' in limits && { expires_at: '2026-12-31T00:00:00.000Z' }),
});

describe('keeps apart', () => {
  test('another organization’s key looks like none, whatever is tried with it', async () => {
    const [id, key] = await newKey(ada);
    const answers = (of: string) => [
      call(`GET /v1/keys/${of}`, eve),
      call(`PATCH /v1/keys/${of}`, eve, { name: 'mine' }),
      call(`PATCH /v1/keys/${of}/spend-cap`, eve, { clear: true }),
      call(`PATCH /v1/keys/${of}/alert-webhook`, eve, { clear: true }),
      call(`POST /v1/keys/${of}/alert-webhook/test`, eve),
      call(`PATCH /v1/keys/${of}/geo-policy`, eve, { geo_policy: 'any' }),
      call(`PATCH /v1/keys/${of}/cache`, eve, { mode: 'off' }),
      call(`DELETE /v1/keys/${of}/cache`, eve),
      call(`POST /v1/keys/${of}/rotate`, eve, {}),
      call(`DELETE /v1/keys/${of}`, eve),
    ];
    const [theirs, nobodys] = await Promise.all([
      Promise.all(answers(id)),
      Promise.all(answers('key_0')),
    ]);
    expect(theirs.map(({ status }) => status)).toEqual(theirs.map(() => 404));
    expect(theirs.map(({ body }) => body)).toEqual(nobodys.map(({ body }) => body));
    const listed = await call('GET /v1/keys?limit=100', eve);
    expect(JSON.stringify(listed.body)).not.toContain(id);
    expect(await codeOf(use(key))).toBe(200);
  });

  test('a member of several organizations sees in each the keys of that one', async () => {
    const [id] = await newKey(ada);
    const personal = await platform.call(`GET /v1/keys/${id}`, { as: ada.token });
    expect(personal.status).toBe(404);
  });
});
