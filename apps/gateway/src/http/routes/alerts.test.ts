import { desc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  alerts,
  auditLog,
  budgets,
  memberships,
  organizations,
  outboxMails,
  wallets,
} from '../../platform/db/index.ts';
import { Secret } from '../../platform/secret.ts';
import { createWebhookSender, signWebhook } from '../../platform/webhooks/index.ts';
import { createTestReceiver, type TestReceiver } from '../../platform/webhooks/testing.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

const URL = 'https://hooks.example.com/alerts';
const DEFAULTS = {
  webhook_url: null,
  thresholds: [50, 80, 100],
  low_balance_alert_usd: null,
  email_enabled: true,
};

let platform: TestPlatform;
let receiver: TestReceiver;
/** What the receiver answers; `undefined`: nothing. */
let status: number | undefined;
let ada: TestPerson;
let bob: TestPerson;
let eve: TestPerson;
/** Ada's team, in which Bob is a developer. */
let team: string;

beforeAll(async () => {
  receiver = await createTestReceiver((response) => {
    if (status !== undefined) response.writeHead(status).end();
  });
  const limits = { connectMs: 1_000, answerMs: 50, probeMs: 0 };
  platform = await createTestPlatform({
    changes: { webhooks: createWebhookSender({ limits, connect: receiver.connect }) },
  });
  ada = await platform.signUp('ada');
  bob = await platform.signUp('bob');
  eve = await platform.signUp('eve');
});
afterAll(async () => {
  await platform.close();
  await receiver.close();
});
beforeEach(async () => {
  // Before the minute of the last test: nobody's requests are used up.
  platform.time.nowMs += 61_000;
  status = 204;
  const { body } = await platform.call('POST /v1/organizations', {
    as: ada.token,
    body: { name: 'Acme' },
  });
  team = body.organization.org_id;
  await platform.database.admin.insert(memberships).values({
    id: platform.ctx.newId('membership'),
    organizationId: team,
    userId: bob.userId,
    role: 'developer',
  });
});

const path = (rest: string) => `/v1/organizations/${team}/${rest}`;
const read = (as = ada.token) => platform.call(`GET ${path('alerts')}`, { as });
const change = (body: object, as = ada.token) =>
  platform.call(`PATCH ${path('alerts')}`, { as, body });
const tryOut = (as = ada.token) => platform.call(`POST ${path('alerts/test')}`, { as });
const deliveries = (query = '', as = ada.token) =>
  platform.call(`GET ${path('alert-deliveries')}${query}`, { as });
const deeds = () =>
  platform.database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.organizationId, team))
    .orderBy(desc(auditLog.id));
const newKey = async (limits: object = {}) => {
  const { body } = await platform.call('POST /v1/keys', {
    as: ada.token,
    body: { name: 'test', ...limits },
    headers: { 'x-organization-id': team },
  });
  return body as { full_key: string; key: { key_id: string }; signing_secret?: string };
};
const onKey = (operation: string, body?: object, as = ada.token) =>
  platform.call(operation, { as, body, headers: { 'x-organization-id': team } });

describe('does', () => {
  test('alerts are mailed at 50, 80 and 100 per cent unless told otherwise, and go to no webhook', async () => {
    expect(await read()).toMatchObject({ status: 200, body: DEFAULTS });
  });

  test('what is named is changed, the rest stays, and what changed is on record', async () => {
    const first = await change({ webhook_url: URL, thresholds: [90, 10, 90] });
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      ...DEFAULTS,
      webhook_url: URL,
      thresholds: [10, 90],
      signing_secret: expect.stringMatching(/^whsec_/),
    });
    expect((await deeds())[0]).toMatchObject({
      action: 'organization.update-alerts',
      subject: team,
      actorId: ada.userId,
    });
    expect(JSON.stringify(await deeds())).not.toContain('whsec_');
    const second = await change({ low_balance_alert_usd: '5', email_enabled: false });
    expect(second.body).toEqual({
      webhook_url: URL,
      thresholds: [10, 90],
      low_balance_alert_usd: '5.00',
      email_enabled: false,
    });
    expect((await read()).body).toEqual(second.body);
    const [stored] = await platform.database.admin
      .select()
      .from(organizations)
      .where(eq(organizations.id, team));
    expect(stored?.alertWebhookSecret?.toString('latin1')).not.toContain('whsec_');
    const cleared = await change({ webhook_url: null, low_balance_alert_usd: null });
    expect(cleared.body).toMatchObject({ webhook_url: null, low_balance_alert_usd: null });
    const count = (await deeds()).length;
    expect((await change({})).body).toEqual((await read()).body);
    expect(await deeds()).toHaveLength(count);
  });

  test('the same URL keeps its secret; another one, and a rotation, get a new one', async () => {
    const secrets = [
      (await change({ webhook_url: URL })).body.signing_secret,
      (await change({ webhook_url: URL })).body.signing_secret,
      (await change({ rotate_secret: true })).body.signing_secret,
      (await change({ webhook_url: `${URL}/2` })).body.signing_secret,
    ];
    expect(secrets.map((secret) => typeof secret)).toEqual([
      'string',
      'undefined',
      'string',
      'string',
    ]);
    expect(new Set(secrets).size).toBe(4);
  });

  test('a test event arrives, signed with the secret and for a day with the one before, and is in the log', async () => {
    const old = (await change({ webhook_url: URL })).body.signing_secret;
    const fresh = (await change({ rotate_secret: true })).body.signing_secret;
    expect((await tryOut()).body).toEqual({ delivered: true, status: 204, problem: null });
    const event = receiver.received.at(-1);
    expect(JSON.parse(event?.body ?? '')).toEqual({
      type: 'organization.alert_test',
      timestamp: new Date(platform.time.nowMs).toISOString(),
      data: { org_id: team, thresholds: [50, 80, 100] },
    });
    const message = {
      id: String(event?.headers['webhook-id']),
      sentAtMs: platform.time.nowMs,
      body: event?.body ?? '',
    };
    expect(event?.headers).toMatchObject(
      signWebhook(message, [new Secret(fresh), new Secret(old)]),
    );
    expect((await deliveries()).body).toEqual({
      object: 'list',
      data: [
        {
          delivery_id: expect.stringMatching(/^whd_/),
          event_id: message.id,
          type: 'organization.alert_test',
          attempt: 1,
          attempted_at: new Date(platform.time.nowMs).toISOString(),
          delivered: true,
          status: 204,
          problem: null,
          duration_ms: 0,
          next_attempt_at: null,
        },
      ],
      has_more: false,
      next_cursor: null,
    });
  });

  test.each([
    [404, { delivered: false, status: 404, problem: 'not_accepted' }],
    [302, { delivered: false, status: 302, problem: 'not_accepted' }],
    [undefined, { delivered: false, status: null, problem: 'timeout' }],
  ])('a receiver that answers %s is told as it is', async (answer, expected) => {
    await change({ webhook_url: URL });
    status = answer;
    expect((await tryOut()).body).toEqual(expected);
    expect((await deliveries()).body.data).toMatchObject([expected]);
  });

  test('a key has a log of its own, page by page, the latest first', async () => {
    const { key } = await newKey({ alert_webhook_url: URL });
    await change({ webhook_url: `${URL}/organization` });
    await tryOut();
    for (let count = 0; count < 3; count += 1) {
      platform.time.nowMs += 1;
      await onKey(`POST /v1/keys/${key.key_id}/alert-webhook/test`);
    }
    const listing = `GET /v1/keys/${key.key_id}/alert-deliveries`;
    const first = await onKey(`${listing}?limit=2`);
    const rest = await onKey(`${listing}?limit=2&after=${first.body.next_cursor}`);
    const listed = [...first.body.data, ...rest.body.data];
    const times = listed.map(({ attempted_at }) => String(attempted_at));
    expect(times).toHaveLength(3);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(listed.every(({ type }) => type === 'key.alert_test')).toBe(true);
    expect(rest.body.has_more).toBe(false);
    expect((await deliveries()).body.data).toMatchObject([{ type: 'organization.alert_test' }]);
  });

  test('a key’s secret is rotated, and its thresholds are set without a webhook', async () => {
    const { key, signing_secret: old } = await newKey({ alert_webhook_url: URL });
    const webhook = `PATCH /v1/keys/${key.key_id}/alert-webhook`;
    const rotated = await onKey(webhook, { url: URL, rotate_secret: true });
    expect(rotated.body.signing_secret).toMatch(/^whsec_/);
    expect(rotated.body.signing_secret).not.toBe(old);
    const plain = await newKey({ alert_thresholds: [70, 7] });
    expect(plain.key).toMatchObject({ alert_thresholds: [7, 70], alert_webhook_url: null });
    const changed = await onKey(`PATCH /v1/keys/${plain.key.key_id}`, { alert_thresholds: [9] });
    expect(changed.body).toMatchObject({ alert_thresholds: [9], alert_webhook_url: null });
  });

  test('a quota, a threshold and a balance that are reached already are told at once', async () => {
    const month = new Date(platform.time.nowMs).toISOString().slice(0, 7);
    const spentNano = 6_000_000_000n;
    const shared = { organizationId: team, month, spentNano };
    await platform.database.admin.insert(budgets).values([
      { ...shared, scope: 'organization', subject: team },
      { ...shared, scope: 'member', subject: bob.userId },
    ]);
    const mails = async () => platform.database.admin.$count(outboxMails);
    const before = await mails();
    const raised = async () => {
      const rows = await platform.database.admin
        .select()
        .from(alerts)
        .where(eq(alerts.organizationId, team))
        .orderBy(alerts.id);
      return rows.map(({ scope, threshold }) => `${scope} ${threshold}`);
    };
    const organization = `PATCH /v1/organizations/${team}`;
    const quota = { monthly_spend_quota_usd: '10' };
    await platform.call(organization, { as: ada.token, body: quota });
    await platform.call(`${organization}/members/${bob.userId}`, { as: ada.token, body: quota });
    expect((await raised()).toSorted()).toEqual(['member 50', 'organization 50']);
    await change({ thresholds: [60], low_balance_alert_usd: '1' });
    expect((await raised()).toSorted()).toEqual([
      'member 50',
      'member 60',
      'organization 50',
      'organization 60',
      'wallet null',
    ]);
    expect(await mails()).toBe(before + 5);
    await platform.database.admin
      .update(wallets)
      .set({ balanceNano: 1_000_000_000n })
      .where(eq(wallets.organizationId, team));
    await change({ low_balance_alert_usd: '0.5' });
    await change({ low_balance_alert_usd: '2' });
    expect((await raised()).filter((alert) => alert === 'wallet null')).toHaveLength(2);
  });

  test('a change of where alerts go makes no gateway forget the keys that it knows', async () => {
    await newKey();
    const heard: string[] = [];
    const listener = platform.database.createClient();
    await listener.connect();
    await listener.query('listen key_changed; listen budget; listen done');
    listener.on('notification', ({ channel }) => heard.push(channel));
    await change({ webhook_url: URL, thresholds: [1], low_balance_alert_usd: '0' });
    await platform.database.admin.execute(sql`select pg_notify('done', '')`);
    await expect.poll(() => heard.includes('done')).toBe(true);
    expect(heard).toEqual(['done']);
    await listener.end();
  });

  test('with the organization its webhook is deleted', async () => {
    await change({ webhook_url: URL });
    await platform.call(`DELETE /v1/organizations/${team}`, { as: ada.token });
    const [stored] = await platform.database.admin
      .select()
      .from(organizations)
      .where(eq(organizations.id, team));
    expect(stored).toMatchObject({ alertWebhookUrl: null, alertWebhookSecret: null });
  });
});

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['a misspelt field, with a hint', { webhok_url: URL }, 'Did you mean "webhook_url"?'],
    ['a webhook without TLS', { webhook_url: 'http://a.example.com' }, 'https'],
    ['a webhook on this machine', { webhook_url: 'https://localhost/' }, 'public'],
    ['a webhook at an address', { webhook_url: 'https://169.254.169.254/' }, 'public'],
    ['a webhook at a number', { webhook_url: 'https://2130706433/' }, 'public'],
    ['a webhook with a password', { webhook_url: 'https://a:b@c.example.com' }, 'password'],
    ['a webhook at another port', { webhook_url: 'https://a.example.com:6379/' }, 'port'],
    ['a threshold above the limit', { thresholds: [101] }, 'thresholds'],
    ['a threshold of nothing', { thresholds: [0] }, 'thresholds'],
    ['no threshold at all', { thresholds: [] }, 'thresholds'],
    ['a balance that is a number', { low_balance_alert_usd: 5 }, 'low_balance_alert_usd'],
    ['a balance below zero', { low_balance_alert_usd: '-5' }, 'low_balance_alert_usd'],
  ])('%s', async (_what, body, message) => {
    const answer = await change(body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request_error']);
    expect(answer.body.error.message).toContain(message);
    expect((await read()).body).toEqual(DEFAULTS);
  });

  test.each([
    'https://a.example.com:443/x',
    'https://a.example.com:8443?x',
    'https://a.example.com',
  ])('not %s', async (webhook_url) => {
    expect(await change({ webhook_url })).toMatchObject({ status: 200, body: { webhook_url } });
  });

  test('to test or rotate what is not there', async () => {
    for (const answer of [await tryOut(), await change({ rotate_secret: true })]) {
      expect([answer.status, answer.body.error.code]).toEqual([409, 'conflict']);
    }
  });

  test('an eleventh test within a minute, whichever webhooks are tested', async () => {
    await change({ webhook_url: URL });
    const { key } = await newKey({ alert_webhook_url: URL });
    const testKey = () => onKey(`POST /v1/keys/${key.key_id}/alert-webhook/test`);
    for (let count = 0; count < 5; count += 1) {
      expect([(await tryOut()).status, (await testKey()).status]).toEqual([200, 200]);
    }
    const connections = receiver.connectionCount();
    for (const answer of [await tryOut(), await testKey()]) {
      expect([answer.status, answer.body.error]).toEqual([
        429,
        expect.objectContaining({
          code: 'rate_limit_exceeded',
          limit_source: 'organization',
          limit: 10,
        }),
      ]);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(receiver.connectionCount()).toBe(connections);
    platform.time.nowMs += 61_000;
    expect((await tryOut()).status).toBe(200);
  });

  test('developers, and keys that are limited themselves', async () => {
    await change({ webhook_url: URL });
    const { full_key: limited } = await newKey({ monthly_spend_cap_usd: '1' });
    for (const answer of [
      await read(bob.token),
      await change({ email_enabled: false }, bob.token),
      await tryOut(bob.token),
      await deliveries('', bob.token),
      await change({ email_enabled: false }, limited),
      await tryOut(limited),
    ]) {
      expect([answer.status, answer.body.error.code]).toEqual([403, 'permission_denied']);
    }
    expect((await read()).body).toMatchObject({ webhook_url: URL, email_enabled: true });
    const { key } = await newKey({ alert_webhook_url: URL });
    const others = await onKey(`GET /v1/keys/${key.key_id}/alert-deliveries`, undefined, bob.token);
    expect(others.status).toBe(403);
  });
});

describe('keeps apart', () => {
  test('another organization’s alerts look like none, whatever is tried with them', async () => {
    await change({ webhook_url: URL });
    const { key } = await newKey({ alert_webhook_url: URL });
    await tryOut();
    const answers = (as: string) => [
      read(as),
      change({ webhook_url: null }, as),
      tryOut(as),
      deliveries('', as),
      platform.call(`GET /v1/keys/${key.key_id}/alert-deliveries`, { as }),
    ];
    const key1 = await platform.createKey(eve);
    for (const as of [eve.token, key1]) {
      for (const { status, body } of await Promise.all(answers(as))) {
        expect([status, body.error.code]).toEqual([404, 'not_found']);
      }
    }
    expect((await read()).body.webhook_url).toBe(URL);
  });

  test('the page after another organization’s delivery is empty of it', async () => {
    await change({ webhook_url: URL });
    await tryOut();
    const [{ delivery_id }] = (await deliveries()).body.data;
    const evePath = `GET /v1/organizations/${eve.organizationId}/alert-deliveries`;
    const seen = await platform.call(`${evePath}?after=${delivery_id}`, { as: eve.token });
    expect(seen.body.data).toEqual([]);
  });
});
