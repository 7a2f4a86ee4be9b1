import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProviderKey, Sealgate } from '@sealgate/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificate } from '../fakes/certificate.ts';
import {
  answer,
  completion,
  frames,
  hangingStream,
  json,
  reset,
  startFakeUpstream,
  stream,
  type FakeUpstream,
  type Script,
} from '../fakes/upstream.ts';
import { startGateway, temporaryDirectory, type Gateway } from '../harness.ts';
import { PASSWORD, signUp } from '../people.ts';
import { typeCommand } from './operator.ts';
import { randomFrom } from './random.ts';
import { printSealed, sealedCaller } from './sealed-caller.ts';
import { findEverywhere } from './search.ts';

const PROVIDERS = ['alpha', 'beta'] as const;
type ProviderId = (typeof PROVIDERS)[number];
type Owner = 'acme' | 'umbrella' | 'nobody';

const canary = (name: string): string => `canary-${name}-${randomBytes(12).toString('hex')}`;
const OPERATORS = { alpha: canary('operator-alpha'), beta: canary('operator-beta') };

interface Party {
  readonly owner: Owner;
  readonly email: string;
  readonly client: Sealgate;
  readonly apiKey: string;
  readonly apiKeyId: string;
  /** What was stored for it, by provider. */
  readonly keys: Partial<Record<ProviderId, string>>;
}

const fakes = {} as Record<ProviderId, FakeUpstream>;
let gateway: Gateway;
const parties: Party[] = [];
const secrets: string[] = Object.values(OPERATORS);

beforeAll(async () => {
  const certificate = createCertificate();
  const certificatePath = join(await temporaryDirectory(), 'ca.pem');
  await writeFile(certificatePath, certificate.cert);
  for (const id of PROVIDERS) fakes[id] = await startFakeUpstream(certificate);
  gateway = await startGateway({
    yaml: yamlOf(),
    env: {
      KEY_OF_ALPHA: OPERATORS.alpha,
      KEY_OF_BETA: OPERATORS.beta,
      NODE_EXTRA_CA_CERTS: certificatePath,
      SEALGATE_LOG_LEVEL: 'debug',
      SEALGATE_OWN_KEYS: 'upstreams',
    },
  });
  // Acme brings keys for both, Umbrella for one.
  parties.push(await bring('acme', ['alpha', 'beta']));
  parties.push(await bring('umbrella', ['beta']));
  parties.push(await bring('nobody', []));
});
afterAll(async () => {
  await Promise.all(Object.values(fakes).map((fake) => fake.close()));
});

function yamlOf(): string {
  const upstream = (id: ProviderId): string => `
  - id: ${id}
    base_url: ${fakes[id].url}
    api_key_env: KEY_OF_${id.toUpperCase()}
    models:
      - { id: chat, price: { input: 1, output: 2 } }
      - { id: embed, price: { input: 1, output: 0 }, capabilities: [embeddings] }`;
  const tiers = '\ntiers: { auto: [alpha/chat, beta/chat] }\n';
  return `upstreams:${PROVIDERS.map(upstream).join('')}${tiers}`;
}

async function bring(owner: Owner, providers: readonly ProviderId[]): Promise<Party> {
  const email = `${owner}@example.com`;
  const { client } = await signUp(gateway, email);
  const { full_key: apiKey, key } = await client.keys.create({ name: owner });
  const keys: Partial<Record<ProviderId, string>> = {};
  for (const provider of providers) {
    const secret = canary(`${owner}-${provider}`);
    secrets.push(secret);
    keys[provider] = secret;
    const stored = await client.billing.createProviderKey({ provider, key: secret });
    expect(stored).toMatchObject({ host: new URL(fakes[provider].url).host, status: 'active' });
  }
  return { owner, email, client, apiKey, apiKeyId: key.key_id, keys };
}

const post = async (path: string, { apiKey }: Party, body: object) => {
  const sent = await fetch(`${gateway.url()}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}` },
    body: JSON.stringify(body),
  });
  return { status: sent.status, text: await sent.text() };
};
const chat = (party: Party, model: string, more: object = {}) =>
  post('/v1/chat/completions', party, {
    model,
    user: party.owner,
    messages: [{ role: 'user', content: 'hi' }],
    ...more,
  });
const party = (owner: Owner): Party => {
  const found = parties.find((each) => each.owner === owner);
  if (found === undefined) throw new Error(owner);
  return found;
};
const sentTo = (provider: ProviderId): unknown[] =>
  fakes[provider].received.map(({ headers }) => headers.authorization);
const forget = (): void => {
  for (const { received } of Object.values(fakes)) received.length = 0;
};
const providerKey = async (owner: Owner, provider: ProviderId): Promise<ProviderKey> => {
  const { data } = await party(owner).client.billing.providerKeys();
  const found = data.find((key) => key.provider === provider);
  if (found === undefined) throw new Error(`${owner} has none for ${provider}`);
  return found;
};

/** What a bad host does, and what it likes to repeat: the key that it was sent. */
const quoting =
  (status: number): Script =>
  (request, response) =>
    json(
      status,
      { error: { message: `no: ${request.headers.authorization}` } },
      { 'x-echo': String(request.headers.authorization), 'retry-after-ms': '50' },
    )(request, response);
const TROUBLE: readonly Script[] = [
  answer('Hello!'),
  answer('Hello!'),
  quoting(400),
  quoting(401),
  quoting(403),
  quoting(429),
  quoting(500),
  reset,
  stream(frames(['one ', 'two ']).slice(0, 3), { isCut: true }),
  (request, response) =>
    json(200, completion(`you sent ${request.headers.authorization}`.slice(0, 8)))(
      request,
      response,
    ),
];

test('each way to ask goes with the own key where there is one, and with the operator’s where there is none', async () => {
  forget();
  const acme = party('acme');
  const { text } = await chat(acme, 'alpha/chat');
  expect(JSON.parse(text).nexevo).toMatchObject({ tier: 'byok', cost_usd: '0.00' });
  expect((await chat(acme, 'beta/chat', { stream: true })).text).toContain('"tier":"byok"');
  const embedding = { object: 'list', data: [{ embedding: [1] }], usage: { prompt_tokens: 1 } };
  fakes.alpha.next(json(200, embedding));
  const embedded = await post('/v1/embeddings', acme, { model: 'alpha/embed', input: 'x' });
  expect(JSON.parse(embedded.text).nexevo.tier).toBe('byok');
  const caller = await sealedCaller({ url: () => gateway.url(), key: acme.apiKey });
  const payload = { model: 'alpha/chat', messages: [{ role: 'user', content: 'hi' }] };
  const sealed = await caller.send(
    printSealed(caller.seal(JSON.stringify(await caller.bind(payload)))),
  );
  expect(await caller.open(sealed)).toMatchObject({ nexevo: { tier: 'byok' } });
  expect(sentTo('alpha')).toEqual(Array(3).fill(`Bearer ${acme.keys.alpha}`));
  expect(sentTo('beta')).toEqual([`Bearer ${acme.keys.beta}`]);

  forget();
  const umbrella = party('umbrella');
  expect(JSON.parse((await chat(umbrella, 'alpha/chat')).text).nexevo.tier).toBe('passthrough');
  expect(JSON.parse((await chat(umbrella, 'beta/chat')).text).nexevo.tier).toBe('byok');
  expect(sentTo('alpha')).toEqual([`Bearer ${OPERATORS.alpha}`]);
  expect(sentTo('beta')).toEqual([`Bearer ${umbrella.keys.beta}`]);
});

test('a key that its provider takes no more is told to its organization, in the answer and in the list, until it works again', async () => {
  const acme = party('acme');
  const umbrella = party('umbrella');
  fakes.beta.always((request, response) =>
    (request.headers.authorization === `Bearer ${acme.keys.beta}`
      ? quoting(401)
      : answer('Hello!'))(request, response),
  );
  const { status, text } = await chat(acme, 'beta/chat');
  expect([status, JSON.parse(text).error.code]).toEqual([403, 'provider_key_unusable']);
  expect(text).toMatch(/beta does not accept your organization’s own key \(401\)/);
  expect((await chat(umbrella, 'beta/chat')).status).toBe(200);
  expect((await chat(party('nobody'), 'beta/chat')).status).toBe(200);
  const stateOf = async (owner: Owner) => (await providerKey(owner, 'beta')).status;
  await expect.poll(() => stateOf('acme'), { timeout: 20_000 }).toBe('rejected');
  expect(await providerKey('acme', 'beta')).toMatchObject({ rejected_status: 401 });
  expect(await providerKey('umbrella', 'beta')).toMatchObject({
    status: 'active',
    last_used_at: expect.any(String),
  });
  fakes.beta.always(answer('Hello!'));
  await expect
    .poll(async () => (await chat(acme, 'beta/chat')).status, { timeout: 20_000 })
    .toBe(200);
  await expect.poll(() => stateOf('acme'), { timeout: 20_000 }).toBe('active');
});

test('whatever hosts do to a random lot of requests, each carries what it may carry, and no secret is to be found anywhere', async () => {
  forget();
  const random = randomFrom(20_261_124);
  const pick = <T extends object | string>(all: readonly T[]): T => {
    const found = all[Math.floor(random() * all.length)];
    if (found === undefined) throw new Error('impossible: there is nothing to pick');
    return found;
  };
  const texts: string[] = [];
  for (let count = 0; count < 120; count += 1) {
    for (const fake of Object.values(fakes)) fake.always(pick(TROUBLE));
    const who = pick(parties);
    const model = pick(['alpha/chat', 'beta/chat', 'nexevo/auto', 'alpha/unheard-of']);
    const isStream = random() < 0.5;
    texts.push(
      (await chat(who, model, { stream: isStream, models: [pick(['alpha/chat', 'beta/chat'])] }))
        .text,
    );
  }
  fakes.alpha.always(hangingStream([]));
  const leaving = new AbortController();
  const left = fetch(`${gateway.url()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${party('acme').apiKey}` },
    body: JSON.stringify({
      model: 'alpha/chat',
      user: 'acme',
      stream: true,
      messages: [{ role: 'user' }],
    }),
    signal: leaving.signal,
  }).catch(() => undefined);
  leaving.abort();
  await left;

  for (const provider of PROVIDERS) {
    for (const { headers, body } of fakes[provider].received) {
      const own = party(body['user'] as Owner).keys[provider];
      expect(headers.authorization).toBe(`Bearer ${own ?? OPERATORS[provider]}`);
    }
    // Enough to have seen something. How many get there is a matter of time: hosts that fail are left alone for a while.
    expect(fakes[provider].received.length).toBeGreaterThan(5);
    // Also of what was asked before a key was stored, and of the lists of models.
    const others = secrets.filter((secret) => !secret.includes(`-${provider}-`));
    const seen = JSON.stringify(fakes[provider].headersSeen);
    expect(others.filter((secret) => seen.includes(secret))).toEqual([]);
  }
  for (const { client } of parties) {
    texts.push(JSON.stringify(await client.auth.exportData()));
    texts.push(JSON.stringify(await client.billing.providerKeys()));
    const [own] = (await client.auth.me()).organizations;
    texts.push(
      JSON.stringify(await client.organizations.auditLog(own?.org_id ?? '', { limit: 100 })),
    );
  }
  expect(secrets.filter((secret) => texts.join('\n').includes(secret))).toEqual([]);
  expect(secrets).toHaveLength(5);
  expect(await findEverywhere(gateway, secrets)).toEqual([]);
});

test('what was used is counted by the tier byok, and the books balance', async () => {
  const usage = await party('acme').client.billing.usage();
  expect(usage.by_tier.byok.requests).toBeGreaterThan(5);
  expect(usage.by_tier.byok.cost_usd).toBe('0.00');
  expect(usage.by_tier.passthrough.requests).toBe(0);
  const others = await party('nobody').client.billing.usage();
  expect(others.by_tier.byok.requests).toBe(0);
  expect(await typeCommand(gateway, 'billing', 'reconcile')).toContain('The books balance');
});

test('with the fallback a request that the own key does not serve goes with the operator’s, is told so and charged so', async () => {
  const acme = party('acme');
  const { provider_key_id: id } = await providerKey('acme', 'alpha');
  fakes.alpha.always((request, response) =>
    (request.headers.authorization === `Bearer ${acme.keys.alpha}`
      ? quoting(401)
      : answer('Hello!'))(request, response),
  );
  await acme.client.billing.updateProviderKey(id, { fallback: true });
  await expect
    .poll(async () => (await chat(acme, 'alpha/chat')).status, { timeout: 20_000 })
    .toBe(200);
  const told = JSON.parse((await chat(acme, 'alpha/chat')).text).nexevo;
  expect(told.tier).toBe('passthrough');
  expect(Number(told.cost_usd)).toBeGreaterThan(0);
  await acme.client.billing.updateProviderKey(id, { fallback: false });
  await expect
    .poll(async () => (await chat(acme, 'alpha/chat')).status, { timeout: 20_000 })
    .toBe(403);
});

test('an upstream that the operator moves to another host gets nobody’s key there', async () => {
  const acme = party('acme');
  await gateway.restart({
    yaml: yamlOf().replace(fakes.alpha.url, `${fakes.beta.url}/moved`),
  });
  forget();
  const { status, text } = await chat(acme, 'alpha/chat');
  expect([status, JSON.parse(text).error.code]).toEqual([403, 'provider_key_unusable']);
  expect(await providerKeyAfter(acme)).toMatchObject({ status: 'host_changed' });
  expect(fakes.beta.received).toEqual([]);
  expect((await chat(party('nobody'), 'alpha/chat')).status).toBe(200);
  expect(sentTo('beta')).toEqual([`Bearer ${OPERATORS.alpha}`]);
  expect(JSON.stringify(fakes.beta.headersSeen)).not.toContain(acme.keys.alpha);
});

/** The gateway has another address since it was started again. */
async function providerKeyAfter({ email }: Party): Promise<unknown> {
  const call = async (path: string, init: RequestInit) =>
    (await fetch(`${gateway.url()}/v1${path}`, init)).json() as Promise<Record<string, unknown>>;
  const { access_token: token } = await call('/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const list = await call('/billing/provider-keys', {
    headers: { authorization: `Bearer ${String(token)}` },
  });
  return (list['data'] as readonly ProviderKey[]).find(({ provider }) => provider === 'alpha');
}
