import { Model, picoUsdPerToken } from '@sealgate/contract';
import { desc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { completePrice } from '../../customers/billing/index.ts';
import { createKeyVerifier, type KeyVerifier } from '../../customers/keys/index.ts';
import { OwnKeyLog, type KeyCheck } from '../../customers/provider-keys/index.ts';
import { testDirectory } from '../../customers/provider-keys/testing.ts';
import { buildCatalogue } from '../../inference/upstreams/build-catalogue.ts';
import { NO_PRICES } from '../../inference/upstreams/price-catalogue/testing.ts';
import { upstreamOf } from '../../inference/upstreams/testing.ts';
import { auditLog, memberships, providerKeys } from '../../platform/db/index.ts';
import { Secret } from '../../platform/secret.ts';
import { createVault } from '../../platform/vault.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

const PRICE = completePrice({ input: picoUsdPerToken(1n), output: picoUsdPerToken(1n) });
const KEY = 'sk-proj-canary-of-ada-0001';
const OTHER_KEY = 'sk-proj-canary-of-ada-0002';

const providers = [
  { id: 'openai', origin: 'https://api.openai.com', isOwnKeyNeeded: false },
  { id: 'groq', origin: 'https://api.groq.com', isOwnKeyNeeded: true },
];
/** The operator serves `openai`; `groq` is known, but has no key here. */
const catalogue = buildCatalogue({
  definitions: [false, true].map((isNeeded) => ({
    upstream: upstreamOf({
      id: isNeeded ? 'groq' : 'openai',
      baseUrl: isNeeded ? 'https://api.groq.com/v1' : 'https://api.openai.com/v1',
      trust: 'public',
      region: isNeeded ? 'cn' : 'overseas',
      ownKeys: { isNeeded, models: 'any' },
    }),
    models: [{ name: 'listed', price: PRICE }],
  })),
  tiers: { fast: ['openai/listed'], balanced: ['groq/listed'] },
  prices: NO_PRICES,
  nowMs: 0,
});

/** What the providers say to the next keys, and what they were asked. */
let answer: KeyCheck;
let asked: string[];

let platform: TestPlatform;
let verifier: KeyVerifier;
let ada: TestPerson;
let bob: TestPerson;
let eve: TestPerson;
/** Ada's team, in which Bob is a developer. */
let team: string;

beforeAll(async () => {
  const providerDirectory = testDirectory(providers, (provider, key) => {
    asked.push(`${provider} ${key}`);
    return answer;
  });
  platform = await createTestPlatform({
    changes: { providerDirectory, catalogue: () => catalogue },
  });
  const { database, ctx, time } = platform;
  const clock = () => time.nowMs;
  verifier = createKeyVerifier({ database, vault: ctx.vault, clock, rateLimitRpm: 60 });
  ada = await platform.signUp('ada');
  bob = await platform.signUp('bob');
  eve = await platform.signUp('eve');
});
afterAll(async () => {
  await verifier.close();
  await platform.close();
});
beforeEach(async () => {
  // Before the minute of the last test: nobody's requests are used up.
  platform.time.nowMs += 61_000;
  answer = { kind: 'accepted', models: ['gpt-6-luna', 'ft:acme'] };
  asked = [];
  providers[0] = { id: 'openai', origin: 'https://api.openai.com', isOwnKeyNeeded: false };
  team = await found(ada);
  await platform.database.admin.insert(memberships).values({
    id: platform.ctx.newId('membership'),
    organizationId: team,
    userId: bob.userId,
    role: 'developer',
  });
});

async function found(by: TestPerson): Promise<string> {
  const { body } = await platform.call('POST /v1/organizations', {
    as: by.token,
    body: { name: 'Acme' },
  });
  return String(body.organization.org_id);
}

const call = (
  operation: string,
  body?: object,
  { as = ada.token, org = team, headers = {} } = {},
) => platform.call(operation, { as, body, headers: { 'x-organization-id': org, ...headers } });
const PATH = '/v1/billing/provider-keys';
const create = (body: object = {}, options = {}) =>
  call(`POST ${PATH}`, { provider: 'openai', key: KEY, ...body }, options);
const list = (query = '', options = {}) => call(`GET ${PATH}${query}`, undefined, options);
const rows = () =>
  platform.database.admin.select().from(providerKeys).where(eq(providerKeys.organizationId, team));
const deeds = async () => {
  const found = await platform.database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.organizationId, team))
    .orderBy(desc(auditLog.id));
  return found.filter(({ action }) => action.startsWith('provider_key.'));
};
/** What the gateway knows of the team's own keys when a request comes with an API key. */
async function ownKeys(secret: string) {
  const verdict = await verifier.verify(secret);
  if (verdict.kind !== 'valid') throw new Error(verdict.kind);
  return verdict.key.ownKeys;
}

describe('does', () => {
  test('a key is stored when its provider takes it, sealed, and never shown again', async () => {
    const created = await create({ label: 'ours' });
    expect(created.status).toBe(201);
    const shown = {
      provider_key_id: expect.stringMatching(/^pvk_/),
      provider: 'openai',
      label: 'ours',
      host: 'api.openai.com',
      last_four: '0001',
      fallback: false,
      status: 'active',
      created_by: ada.userId,
      created_at: new Date(platform.time.nowMs).toISOString(),
      rotated_at: null,
      last_used_at: null,
      rejected_at: null,
      rejected_status: null,
    };
    expect(created.body).toEqual({
      ...shown,
      check: { outcome: 'accepted', message: 'openai takes this key.' },
    });
    expect(asked).toEqual([`openai ${KEY}`]);
    expect((await list()).body.data).toEqual([shown]);
    const [row] = await rows();
    expect(row?.secret.toString('latin1')).not.toContain('canary');
    expect(await deeds()).toMatchObject([
      {
        action: 'provider_key.create',
        subject: created.body.provider_key_id,
        actorId: ada.userId,
        details: { provider: 'openai', origin: 'https://api.openai.com', fallback: false },
      },
    ]);
    expect(JSON.stringify([created.body, await deeds(), (await list()).body])).not.toContain(
      'canary',
    );
  });

  test('a provider that cannot be asked is no reason not to store it, and the answer says so', async () => {
    answer = { kind: 'undecided', reason: 'unreachable' };
    const { status, body } = await create();
    expect([status, body.status]).toEqual([201, 'active']);
    expect(body.check).toEqual({
      outcome: 'undecided',
      message: expect.stringContaining('openai could not be asked'),
    });
    answer = { kind: 'undecided', reason: 'inconclusive' };
    const other = await create({ provider: 'groq' });
    expect(other.body.check.message).toContain('groq did not say');
  });

  test('the providers are listed with where keys are sent and whether the operator has one', async () => {
    expect((await call('GET /v1/billing/providers')).body).toEqual({
      object: 'list',
      data: [
        { provider: 'openai', host: 'api.openai.com', own_key_needed: false },
        { provider: 'groq', host: 'api.groq.com', own_key_needed: true },
      ],
    });
  });

  test('keys are listed in pages, the newest first', async () => {
    await create();
    platform.time.nowMs += 1;
    await create({ provider: 'groq' });
    const first = await list('?limit=1');
    expect(first.body.data.map(providerOf)).toEqual(['groq']);
    const second = await list(`?limit=1&after=${first.body.next_cursor}`);
    expect(second.body.data.map(providerOf)).toEqual(['openai']);
    expect(second.body.has_more).toBe(false);
  });

  test('what is named is changed, and who allowed the fallback is on record', async () => {
    const { body } = await create();
    const changed = await call(`PATCH ${PATH}/${body.provider_key_id}`, { fallback: true });
    expect(changed.body).toMatchObject({ label: 'openai', fallback: true });
    expect((await deeds())[0]).toMatchObject({
      action: 'provider_key.update',
      details: { fields: ['isFallbackAllowed'], fallback: { from: false, to: true } },
    });
    expect((await call(`PATCH ${PATH}/${body.provider_key_id}`, {})).body).toEqual(changed.body);
    expect(await deeds()).toHaveLength(2);
  });

  test('another secret takes the place of the old one, wherever the provider is by then', async () => {
    const { body } = await create();
    const key = await platform.createKey(ada, team);
    providers[0] = { id: 'openai', origin: 'https://eu.api.openai.com', isOwnKeyNeeded: false };
    expect((await list()).body.data[0]).toMatchObject({ status: 'host_changed' });
    const { status, body: rotated } = await call(`POST ${PATH}/${body.provider_key_id}/rotate`, {
      key: OTHER_KEY,
    });
    expect(status).toBe(200);
    expect(rotated).toMatchObject({
      provider_key_id: body.provider_key_id,
      host: 'eu.api.openai.com',
      last_four: '0002',
      status: 'active',
      rotated_at: expect.any(String),
    });
    expect((await ownKeys(key)).get('openai')).toMatchObject({
      origin: 'https://eu.api.openai.com',
      revision: 2,
    });
    expect((await ownKeys(key)).get('openai')?.secret?.reveal()).toBe(OTHER_KEY);
    expect((await deeds())[0]).toMatchObject({ action: 'provider_key.rotate' });
  });

  test('a check tells what the provider says now, and what it says is kept', async () => {
    const { body } = await create();
    const check = () => call(`POST ${PATH}/${body.provider_key_id}/check`);
    answer = { kind: 'refused', status: 401, message: 'no' };
    expect((await check()).body).toMatchObject({
      status: 'rejected',
      rejected_status: 401,
      rejected_at: new Date(platform.time.nowMs).toISOString(),
      check: { outcome: 'refused', message: 'openai refuses this key (401).' },
    });
    expect((await list()).body.data[0].status).toBe('rejected');
    answer = { kind: 'undecided', reason: 'unreachable' };
    expect((await check()).body).toMatchObject({ status: 'rejected', rejected_status: 401 });
    answer = { kind: 'accepted', models: ['new'] };
    expect((await check()).body).toMatchObject({ status: 'active', rejected_at: null });
    expect(await rows()).toMatchObject([{ models: ['new'] }]);
    expect((await deeds()).map(({ details }) => details['outcome'])).toEqual([
      'accepted',
      'undecided',
      'refused',
      undefined,
    ]);
  });

  test('a deleted key is gone with its secret', async () => {
    const { body } = await create();
    expect((await call(`DELETE ${PATH}/${body.provider_key_id}`)).status).toBe(204);
    expect(await rows()).toEqual([]);
    expect((await deeds())[0]).toMatchObject({
      action: 'provider_key.delete',
      details: { provider: 'openai' },
    });
    expect((await create()).status).toBe(201);
  });

  test('one Idempotency-Key stores one key, and asks the provider once', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await create({}, { headers });
    expect((await create({}, { headers })).body).toEqual(first.body);
    expect(asked).toHaveLength(1);
    expect((await create({ key: OTHER_KEY }, { headers })).body.error.code).toBe(
      'idempotency_conflict',
    );
  });
});

describe('the list of models', () => {
  const models = async (as: string) => {
    const { body } = await platform.call('GET /v1/models', { as });
    return new Map<string, unknown>(
      body.data.map((model: { id: string; nexevo: { tier: string } }) => [
        model.id,
        Model.parse(model).nexevo.tier,
      ]),
    );
  };

  test('has what own keys reach for their organization only, and tells which are asked with them', async () => {
    const [mine, others] = [
      await platform.createKey(ada, team),
      await platform.createKey(eve),
    ] as const;
    const operators = new Map([
      ['nexevo/fast', 'fast'],
      ['nexevo/auto', 'auto'],
      ['openai/listed', 'passthrough'],
    ]);
    expect(await models(mine)).toEqual(operators);
    answer = { kind: 'accepted', models: ['listed', 'only/mine'] };
    await create();
    await create({ provider: 'groq' });
    await vi.waitFor(async () =>
      expect(await models(mine)).toEqual(
        new Map([
          ['nexevo/fast', 'fast'],
          ['nexevo/balanced', 'balanced'],
          ['nexevo/auto', 'auto'],
          ['openai/listed', 'byok'],
          ['groq/listed', 'byok'],
          ['groq/only/mine', 'byok'],
          ['openai/only/mine', 'byok'],
        ]),
      ),
    );
    expect(await models(others)).toEqual(operators);
    const one = (id: string, as: string) => platform.call(`GET /v1/models/${id}`, { as });
    expect((await one('groq/only/mine', mine)).body).toMatchObject({ owned_by: 'groq' });
    expect((await one('groq/listed', mine)).status).toBe(200);
    for (const id of ['groq/only/mine', 'groq/listed', 'openai/only/mine']) {
      expect((await one(id, others)).body.error.code, id).toBe('model_not_found');
    }
    expect((await one('groq/not/listed', mine)).status).toBe(404);
  });

  test('stays within what the API key may reach', async () => {
    await create({ provider: 'groq' });
    const limits = [{ geo_policy: 'overseas-only' }, { allowed_models: ['openai/listed'] }];
    for (const limit of limits) {
      const { body } = await call('POST /v1/keys', { name: 'limited', ...limit });
      expect([...(await models(body.full_key)).keys()]).toContain('openai/listed');
      expect([...(await models(body.full_key)).keys()].join()).not.toContain('groq');
    }
  });

  test('leaves out what is not asked with any key, because the own one must not be sent', async () => {
    const mine = await platform.createKey(ada, team);
    await create();
    await platform.database.admin.update(providerKeys).set({ origin: 'https://was.example' });
    await vi.waitFor(async () => expect([...(await models(mine)).keys()]).toEqual([]));
  });
});

describe('the verdict on an API key', () => {
  test('brings the organization’s keys along, opened and unprintable, and forgets them as soon as they change', async () => {
    const key = await platform.createKey(ada, team);
    expect(await ownKeys(key)).toEqual(new Map());
    const { body } = await create();
    const id = body.provider_key_id;
    const seen = async () => (await ownKeys(key)).get('openai');
    await vi.waitFor(async () => expect((await seen())?.secret?.reveal()).toBe(KEY));
    expect(JSON.stringify(await seen())).not.toContain('canary');
    await call(`PATCH ${PATH}/${id}`, { fallback: true });
    await vi.waitFor(async () => expect((await seen())?.isFallbackAllowed).toBe(true));
    await call(`POST ${PATH}/${id}/rotate`, { key: OTHER_KEY });
    await vi.waitFor(async () => expect((await seen())?.secret?.reveal()).toBe(OTHER_KEY));
    await call(`DELETE ${PATH}/${id}`);
    await vi.waitFor(async () => expect(await seen()).toBeUndefined());
  });

  test('is not asked for anew because a key was used', async () => {
    const key = await platform.createKey(ada, team);
    const { body } = await create();
    await vi.waitFor(async () => expect((await ownKeys(key)).size).toBe(1));
    const before = await ownKeys(key);
    const log = new OwnKeyLog(platform.ctx);
    log.used({ id: body.provider_key_id, revision: 1 }, platform.time.nowMs);
    await log.close();
    // Announcements come in order: when the second has arrived, there was none for the first.
    const other = await platform.createKey(ada, team);
    await ownKeys(other);
    await platform.database.admin.execute(
      sql`update api_keys set name = 'changed' where secret_hash = sha256(${Buffer.from(other)})`,
    );
    await vi.waitFor(() => expect(verifier.verifyCached(other)).toBeUndefined());
    expect(await ownKeys(key)).toBe(before);
  });
});

describe('what is heard of a key while it is used', () => {
  const note = async (use: (log: OwnKeyLog, id: string) => void): Promise<void> => {
    const [row] = await rows();
    const log = new OwnKeyLog(platform.ctx);
    use(log, row?.id ?? '');
    await log.close();
  };
  const HOUR_MS = 3_600_000;
  const at = (hours: number): string =>
    new Date(platform.time.nowMs + hours * HOUR_MS).toISOString();
  const later = (hours: number): number => platform.time.nowMs + hours * HOUR_MS;

  test('is in the list: when it last served, and since when its provider does not take it', async () => {
    await create();
    await note((log, id) => log.used({ id, revision: 1 }, later(1)));
    expect((await list()).body.data[0]).toMatchObject({ status: 'active', last_used_at: at(1) });
    await note((log, id) => log.rejected({ id, revision: 1 }, 401, later(2)));
    await note((log, id) => log.rejected({ id, revision: 1 }, 402, later(3)));
    expect((await list()).body.data[0]).toMatchObject({
      status: 'rejected',
      last_used_at: at(1),
      rejected_at: at(2),
      rejected_status: 402,
    });
    await note((log, id) => log.used({ id, revision: 1 }, later(4)));
    expect((await list()).body.data[0]).toMatchObject({
      status: 'active',
      rejected_at: null,
      rejected_status: null,
    });
  });

  test('of one secret says nothing of the next', async () => {
    const { body } = await create();
    await call(`POST ${PATH}/${body.provider_key_id}/rotate`, { key: OTHER_KEY });
    await note((log, id) => log.rejected({ id, revision: 1 }, 401, later(1)));
    expect((await list()).body.data[0]).toMatchObject({ status: 'active', rejected_at: null });
    await note((log, id) => {
      log.rejected({ id, revision: 2 }, 401, later(1));
      log.used({ id, revision: 1 }, later(2));
    });
    expect((await list()).body.data[0]).toMatchObject({ status: 'active', last_used_at: at(2) });
  });

  test('that cannot be written now is written later', async () => {
    await create();
    const [row] = await rows();
    const reference = { id: row?.id ?? '', revision: 1 };
    let isAway = true;
    const store = new Proxy(platform.ctx, {
      get: (target, name) => {
        if (name === 'store' && isAway) throw new Error('away');
        return Reflect.get(target, name);
      },
    });
    const log = new OwnKeyLog(store);
    log.rejected(reference, 401, later(1));
    await log.write();
    log.used(reference, later(2));
    isAway = false;
    await log.close();
    expect((await list()).body.data[0]).toMatchObject({ status: 'active', last_used_at: at(2) });
  });
});

describe('refuses', () => {
  test('a key that its provider refuses, by name, and stores nothing', async () => {
    answer = { kind: 'refused', status: 401, message: 'Incorrect API key provided.' };
    const { status, body } = await create();
    expect([status, body.error.code, body.error.param]).toEqual([
      400,
      'invalid_request_error',
      'key',
    ]);
    expect(body.error.message).toMatch(
      /openai \(api\.openai\.com\) refuses this key \(401\).*nothing was stored.*Incorrect API key/,
    );
    expect(await rows()).toEqual([]);
    expect(await deeds()).toEqual([]);
  });

  test('a new secret that its provider refuses, and keeps the old one', async () => {
    const { body } = await create();
    answer = { kind: 'refused', status: 401, message: undefined };
    const rotated = await call(`POST ${PATH}/${body.provider_key_id}/rotate`, { key: OTHER_KEY });
    expect(rotated.status).toBe(400);
    expect(await rows()).toMatchObject([{ lastFour: '0001', revision: 1 }]);
  });

  test('an unknown provider, naming those there are', async () => {
    const { status, body } = await create({ provider: 'opanai' });
    expect([status, body.error.param]).toEqual([400, 'provider']);
    expect(body.error.message).toContain('openai, groq');
    expect(asked).toEqual([]);
  });

  test('a second key of one provider, without sending it anywhere', async () => {
    await create();
    asked = [];
    const { status, body } = await create({ key: OTHER_KEY });
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect(asked).toEqual([]);
    expect(await rows()).toHaveLength(1);
  });

  test('of two that come at once, one', async () => {
    const statuses = await Promise.all(
      [KEY, OTHER_KEY].map(async (key) => (await create({ key })).status),
    );
    expect(new Set(statuses)).toEqual(new Set([201, 409]));
  });

  test.each([
    ['too short', 'short'],
    ['with a line break', `${KEY}\r\nx-evil: 1`],
    ['with a space', `${KEY} `],
    ['beyond ASCII', `${KEY}é`],
  ])('a key that is %s', async (_what, key) => {
    const { status, body } = await create({ key });
    expect([status, body.error.param]).toEqual([400, 'key']);
    expect(JSON.stringify(body)).not.toContain('canary');
    expect(asked).toEqual([]);
  });

  test('developers, in everything', async () => {
    const { body } = await create();
    const as = bob.token;
    const id = body.provider_key_id;
    const answers = await Promise.all([
      call('GET /v1/billing/providers', undefined, { as }),
      list('', { as }),
      create({ provider: 'groq' }, { as }),
      call(`PATCH ${PATH}/${id}`, { fallback: true }, { as }),
      call(`POST ${PATH}/${id}/rotate`, { key: OTHER_KEY }, { as }),
      call(`POST ${PATH}/${id}/check`, undefined, { as }),
      call(`DELETE ${PATH}/${id}`, undefined, { as }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect(await rows()).toMatchObject([{ isFallbackAllowed: false, revision: 1 }]);
  });

  test('limited API keys, which could free themselves of their cap, before anything is sent', async () => {
    const { body: stored } = await create();
    const id = stored.provider_key_id;
    asked = [];
    const { body } = await call('POST /v1/keys', { name: 'capped', monthly_spend_cap_usd: '1' });
    const as = body.full_key;
    const answers = await Promise.all([
      create({ provider: 'groq' }, { as }),
      call(`PATCH ${PATH}/${id}`, { fallback: true }, { as }),
      call(`POST ${PATH}/${id}/rotate`, { key: OTHER_KEY }, { as }),
      call(`POST ${PATH}/${id}/check`, undefined, { as }),
      call(`DELETE ${PATH}/${id}`, undefined, { as }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect(asked).toEqual([]);
    expect(await rows()).toMatchObject([{ provider: 'openai', revision: 1 }]);
  });

  test('to try out more than ten keys a minute', async () => {
    answer = { kind: 'refused', status: 401, message: undefined };
    const statuses = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await create()).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 400), 429]);
    expect(asked).toHaveLength(10);
  });

  test('to check a key that must not be sent anywhere', async () => {
    const { body } = await create();
    asked = [];
    const check = () => call(`POST ${PATH}/${body.provider_key_id}/check`);
    providers[0] = { id: 'openai', origin: 'https://evil.example', isOwnKeyNeeded: false };
    expect((await check()).body.error.code).toBe('conflict');
    providers[0] = { id: 'gone', origin: 'https://api.openai.com', isOwnKeyNeeded: false };
    expect((await check()).status).toBe(409);
    expect(
      (await call(`POST ${PATH}/${body.provider_key_id}/rotate`, { key: OTHER_KEY })).status,
    ).toBe(409);
    expect(asked).toEqual([]);
  });
});

describe('keeps apart', () => {
  test('another organization’s key looks like no key at all', async () => {
    const { body } = await create();
    const id = body.provider_key_id;
    const other = { as: eve.token, org: eve.organizationId };
    expect((await list('', other)).body.data).toEqual([]);
    const answers = await Promise.all([
      call(`PATCH ${PATH}/${id}`, { label: 'mine' }, other),
      call(`POST ${PATH}/${id}/rotate`, { key: OTHER_KEY }, other),
      call(`POST ${PATH}/${id}/check`, undefined, other),
      call(`DELETE ${PATH}/${id}`, undefined, other),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(await rows()).toMatchObject([{ label: 'openai' }]);
    expect(await ownKeys(await platform.createKey(eve))).toEqual(new Map());
  });

  test.each([
    ['another organization', () => ({ organizationId: eve.organizationId })],
    ['another row', () => ({ id: platform.ctx.newId('providerKey') })],
    ['another provider', () => ({ provider: 'groq' })],
    ['another host', () => ({ origin: 'https://evil.example' })],
  ])('a row that is moved to %s opens no more', async (_where, changes) => {
    await create();
    const moved = changes();
    await platform.database.admin
      .update(providerKeys)
      .set(moved)
      .where(eq(providerKeys.organizationId, team));
    const { organizationId = team } = moved as { organizationId?: string };
    const holder = organizationId === team ? ada : eve;
    const [own] = (await ownKeys(await platform.createKey(holder, organizationId))).values();
    expect(own?.id).toMatch(/^pvk_/);
    expect(own?.secret).toBeUndefined();
    await platform.database.admin.delete(providerKeys);
  });

  test('under another master key nothing opens, and the list says so', async () => {
    await create();
    const { database, time } = platform;
    const vault = createVault(new Secret('another master key'));
    const clock = () => time.nowMs;
    const stranger = createKeyVerifier({ database, vault, clock, rateLimitRpm: 60 });
    const verdict = await stranger.verify(await platform.createKey(ada, team));
    await stranger.close();
    expect(verdict).toMatchObject({ kind: 'valid' });
    if (verdict.kind === 'valid') {
      expect(verdict.key.ownKeys.get('openai')?.secret).toBeUndefined();
    }
    await platform.database.admin.update(providerKeys).set({ secret: Buffer.alloc(80) });
    expect((await list()).body.data).toMatchObject([{ status: 'unreadable' }]);
  });

  test('an organization that is deleted leaves no key behind', async () => {
    await create();
    expect((await call(`DELETE /v1/organizations/${team}`)).status).toBe(204);
    expect(await rows()).toEqual([]);
  });
});

const providerOf = ({ provider }: { readonly provider: string }): string => provider;
