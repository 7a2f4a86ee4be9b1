import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream } from '../fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from '../harness.ts';
import { queryDatabase } from './gateway-database.ts';
import { createKey, typeCommand, type MintedKey } from './operator.ts';
import type { RawAnswer } from './raw-socket.ts';
import { expectRefusal } from './refusal-envelope.ts';

let upstream: FakeUpstream;
let gateway: Gateway;
let keys: { readonly doomed: MintedKey; readonly narrow: MintedKey; readonly slow: MintedKey };
beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({ yaml: yamlFor(upstream) });
  const [doomed, narrow, slow] = await Promise.all([
    createKey(gateway),
    createKey(gateway, '--models', 'fake/embed-a,nexevo/fast'),
    createKey(gateway, '--rpm', '3'),
  ]);
  keys = { doomed, narrow, slow };
});
afterAll(() => upstream.close());
beforeEach(() => {
  upstream.received.length = 0;
});

const CHAT = { messages: [{ role: 'user', content: 'Hi' }] };

async function call(
  path: string,
  key: string | undefined,
  options: { readonly body?: object; readonly headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const { body, headers } = options;
  const answer = await fetch(gateway.url() + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: await answer.text(),
  };
}

const chat = (key: string, model = 'fake/model-a', changes: object = {}): Promise<RawAnswer> =>
  call('/v1/chat/completions', key, { body: { ...CHAT, model, ...changes } });

test('a revoked key is refused within a second, on every route, though its verdict was cached', async () => {
  const { id, secret } = keys.doomed;
  expect((await chat(secret)).status).toBe(200);
  await typeCommand(gateway, 'keys', 'revoke', id);
  await expect
    .poll(async () => (await chat(secret)).status, { interval: 50, timeout: 1_000 })
    .toBe(401);
  upstream.received.length = 0;
  for (const refusal of [
    await chat(secret),
    await call('/v1/models', secret),
    await call('/v1/embeddings', secret, { body: { model: 'fake/embed-a', input: 'a' } }),
    await call('/v1/chat/secure_completion', secret, { body: {} }),
  ])
    expectRefusal(refusal, { status: 401, code: 'key_revoked' });
  expect(upstream.received).toHaveLength(0);
});

test('an expired key is refused, also when it expires while its verdict is cached', async () => {
  const { id, secret } = await createKey(gateway, '--expires', '1d');
  expect((await chat(secret)).status).toBe(200);
  await queryDatabase(gateway, 'update api_keys set expires_at = now() where id = $1', [id]);
  await expect
    .poll(async () => JSON.parse((await chat(secret)).body).error?.code, { timeout: 1_000 })
    .toBe('key_expired');
});

describe('a key for some models only', () => {
  const ALLOWED = ['nexevo/fast', 'fake/embed-a'];

  test('sees no others', async () => {
    const { secret } = keys.narrow;
    const list = JSON.parse((await call('/v1/models', secret)).body) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(ALLOWED);
    expectRefusal(await call('/v1/models/fake/model-a', secret), {
      status: 404,
      code: 'model_not_found',
    });
  });

  test('uses no others, not even as a fallback or under another name', async () => {
    const { secret } = keys.narrow;
    const forbidden = { status: 403, code: 'model_not_allowed' } as const;
    expectRefusal(await chat(secret, 'fake/model-a'), forbidden);
    expectRefusal(await chat(secret, 'fake/model-a', { models: ['fake/model-a'] }), forbidden);
    expect((await chat(secret, 'nexevo/balanced')).status).toBe(403);
    expect((await chat(secret, 'nexevo/auto:quality')).status).toBe(403);
    expect(upstream.received).toHaveLength(0);
    expect((await chat(secret, 'nexevo/fast')).status).toBe(200);
  });
});

test('a key that is bound to a region reaches no provider elsewhere, by any name or fallback, until that changes', async () => {
  const { id, secret } = await createKey(gateway, '--geo', 'cn-only');
  const forbidden = { status: 403, code: 'geo_policy_violation' } as const;
  expectRefusal(await chat(secret), forbidden);
  expectRefusal(await chat(secret, 'nexevo/auto:quality'), forbidden);
  expectRefusal(await chat(secret, 'nexevo/fast', { stream: true }), forbidden);
  expectRefusal(await chat(secret, 'fake/model-a', { models: ['nexevo/balanced'] }), forbidden);
  const embeddings = { body: { model: 'fake/embed-a', input: 'a' } };
  expectRefusal(await call('/v1/embeddings', secret, embeddings), forbidden);
  expect(upstream.received).toHaveLength(0);

  const change = await fetch(`${gateway.url()}/v1/keys/${id}/geo-policy`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ geo_policy: 'any' }),
  });
  expect(change.status).toBe(200);
  await expect.poll(async () => (await chat(secret)).status, { timeout: 1_000 }).toBe(200);
});

test('a minute’s requests are counted down in headers, and the rest gets 429 before a model is asked', async () => {
  const { secret } = keys.slow;
  const remaining = [];
  for (let count = 0; count < 3; count += 1) {
    const { headers } = await chat(secret);
    expect(headers['x-ratelimit-limit']).toBe('3');
    expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThan(0);
    remaining.push(headers['x-ratelimit-remaining']);
  }
  expect(remaining).toEqual(['2', '1', '0']);
  upstream.received.length = 0;
  const refusal = await chat(secret);
  expectRefusal(refusal, { status: 429, code: 'rate_limit_exceeded' });
  expect(JSON.parse(refusal.body).error).toMatchObject({ limit_source: 'key', limit: 3 });
  const waitSeconds = Number(refusal.headers['retry-after']);
  expect(waitSeconds).toBeGreaterThan(0);
  // A minute, and the second that it is counted in.
  expect(waitSeconds).toBeLessThanOrEqual(61);
  expect(upstream.received).toHaveLength(0);
  expect((await chat(gateway.key)).status).toBe(200);
});

// The last one: afterwards this address has used up its guesses.
test('guesses all get the same 401, whatever is wrong with them, and thirty a minute at most', async () => {
  const unknown = `sk-xc-${'A'.repeat(43)}`;
  const guesses = [
    undefined,
    '',
    unknown,
    gateway.key.slice(0, -1),
    `${gateway.key}a`,
    gateway.key.toLowerCase(),
    'sk-xc-',
    "sk-xc-' or 1=1 --",
    'a'.repeat(10_000),
  ];
  const bodies = new Set<string>();
  for (const guess of guesses) {
    const refusal = await call('/v1/models', guess);
    expectRefusal(refusal, { status: 401, code: 'invalid_api_key' });
    bodies.add(refusal.body);
  }
  expect(bodies.size).toBe(1);

  const guessed = Array.from({ length: 40 }, (_, index) =>
    call('/v1/models', `sk-xc-${String(index).padStart(43, 'B')}`, {
      // Nobody told the gateway to believe this.
      headers: { 'x-forwarded-for': `10.0.0.${index}` },
    }),
  );
  const statuses = (await Promise.all(guessed)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(30);
  const refusal = await call('/v1/models', unknown);
  expectRefusal(refusal, { status: 429, code: 'rate_limit_exceeded' });
  expect(JSON.parse(refusal.body).error.limit_source).toBe('address');
  expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);

  expect((await chat(gateway.key)).status).toBe(200);
});
