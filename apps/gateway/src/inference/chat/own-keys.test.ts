import { nanoUsd, picoUsdPerToken, type NanoUsd } from '@sealgate/contract';
import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  answer,
  completion,
  hangingStream,
  json,
  reset,
  silence,
  startFakeUpstream,
  type FakeUpstream,
  type Script,
} from '../../../../../e2e/fakes/upstream.ts';
import {
  completePrice,
  DEFAULT_PRICE_LIST,
  type Generation,
  type Hold,
  type PriceList,
} from '../../customers/billing/index.ts';
import type { ApiKey } from '../../customers/keys/index.ts';
import { testKey } from '../../customers/keys/testing.ts';
import type { OwnKey } from '../../customers/provider-keys/index.ts';
import { Cancellation } from '../../platform/cancellation.ts';
import { systemClock } from '../../platform/clock.ts';
import { Refusal } from '../../platform/refusal.ts';
import { Secret } from '../../platform/secret.ts';
import { createTokenCounter } from '../tokens/index.ts';
import {
  ANY_TRUST,
  createProviders,
  createTransport,
  DEFAULT_RESILIENCE,
  UpstreamHealth,
  type HealthEvent,
  type ResilienceSettings,
  type Upstream,
} from '../upstreams/index.ts';
import { buildCatalogue } from '../upstreams/build-catalogue.ts';
import { NO_PRICES } from '../upstreams/price-catalogue/testing.ts';
import { testRouter } from '../routing/testing.ts';
import { upstreamOf } from '../upstreams/testing.ts';
import {
  admit,
  answerEmbeddings,
  answerStream,
  answerWhole,
  hold,
  readChatRequest,
  readEmbeddingsRequest,
  type ChatServices,
} from './index.ts';

let one: FakeUpstream;
let two: FakeUpstream;
const transport = createTransport();
const tokens = createTokenCounter();
afterAll(async () => {
  await transport.close();
  await tokens.close();
});
beforeEach(async () => {
  [one, two] = await Promise.all([startFakeUpstream(), startFakeUpstream()]);
});
afterEach(async () => {
  await Promise.all([one.close(), two.close()]);
});

const PRICE = completePrice({
  input: picoUsdPerToken(1_000_000n),
  output: picoUsdPerToken(2_000_000n),
});
const OPERATOR = 'Bearer secret-of-operator';

interface Changes {
  readonly upstream?: Partial<Upstream>;
  readonly settings?: Partial<ResilienceSettings>;
  readonly byok?: PriceList['byok'];
  /** What the wallet has. */
  readonly funds?: bigint;
}

/** Two providers of the operator, `one` with the models `a` and `embed`, `two` with `b`. */
function scene({ upstream, settings, byok, funds = 10n ** 12n }: Changes = {}) {
  const events: HealthEvent[] = [];
  const settled: Generation[] = [];
  const bounds: bigint[] = [];
  const host = (id: string, fake: FakeUpstream): Upstream =>
    upstreamOf({
      id,
      baseUrl: fake.url,
      trust: 'public',
      keys: [{ name: 'OPERATOR', weight: 1, secret: new Secret('secret-of-operator') }],
      headers: { 'x-operator': 'canary' },
      ownKeys: { isNeeded: false, models: 'any' },
      ...upstream,
    });
  const chat = (name: string) => ({ name, price: PRICE, capabilities: ['chat'] as const });
  const catalogue = buildCatalogue({
    definitions: [
      {
        upstream: host('one', one),
        models: [
          chat('a'),
          { name: 'embed', price: PRICE, capabilities: ['embeddings'] },
          { name: 'unpriced', capabilities: ['chat'] },
        ],
      },
      { upstream: host('two', two), models: [chat('b')] },
    ],
    tiers: { auto: ['one/a', 'two/b'] },
    prices: NO_PRICES,
    nowMs: 0,
  });
  const priceList = { ...DEFAULT_PRICE_LIST, ...(byok && { byok }) };
  const take = async (_payer: unknown, amountNano: NanoUsd): Promise<Hold> => {
    bounds.push(amountNano);
    if (amountNano > funds) throw new Refusal('account_suspended');
    return {
      amountNano,
      leaseId: undefined,
      month: '2026-01',
      remaining: () => undefined,
      settle: (costNano) => {
        expect(costNano).toBeLessThanOrEqual(amountNano);
        return costNano;
      },
      release: () => undefined,
    };
  };
  const health = new UpstreamHealth({
    settings: { ...DEFAULT_RESILIENCE, ...settings },
    clock: systemClock,
    onEvent: (event) => events.push(event),
  });
  const services = {
    catalogue: () => catalogue,
    router: testRouter({ health }),
    transport,
    tokens,
    providers: createProviders(systemClock),
    health,
    holds: { take, tend: async () => {}, close: async () => {} },
    journal: { append: async (generation: Generation) => void settled.push(generation) },
    metrics: { upstreamAttempt: () => {}, generation: () => {}, hedge: () => {} },
    priceList: () => priceList,
    defaultMaxOutputTokens: 100,
    clock: systemClock,
    random: () => 0,
  } as unknown as ChatServices;
  return { services, events, settled, bounds, ask: asker(services) };
}

const ownKey = (changes: Partial<OwnKey> = {}): OwnKey => ({
  id: 'pvk_1',
  provider: 'one',
  origin: new URL(one.url).origin,
  revision: 1,
  secret: new Secret('secret-of-acme'),
  isFallbackAllowed: false,
  ...changes,
});

const ACME = 'Bearer secret-of-acme';
const holderOf = (...keys: OwnKey[]): ApiKey =>
  testKey({ ownKeys: new Map(keys.map((key) => [key.provider, key])) });

type Told =
  | { readonly kind: 'answered'; readonly nexevo: Record<string, unknown> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Asks as a caller does, and tells what the caller is told. */
const asker =
  (services: ChatServices) =>
  async (key: ApiKey, model = 'one/a', body: object = {}): Promise<Told> => {
    const text = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...body });
    try {
      const applicant = { key, request: readChatRequest(text), route: 'chat', trusts: ANY_TRUST };
      const admission = await hold(services, admit(services, { ...applicant, route: 'chat' }));
      const whole = await answerWhole(services, admission, new Cancellation());
      if (whole.kind === 'answered') {
        return { kind: 'answered', nexevo: JSON.parse(whole.text).nexevo };
      }
      if (whole.kind === 'refused') return { kind: 'refused', refusal: whole.refusal };
      throw new Error('aborted');
    } catch (error) {
      if (error instanceof Refusal) return { kind: 'refused', refusal: error };
      throw error;
    }
  };

const tierOf = (told: Told): unknown =>
  told.kind === 'answered' ? told.nexevo['tier'] : told.refusal.code;
const sentTo = (fake: FakeUpstream): unknown[] =>
  fake.received.map(({ headers }) => headers.authorization);
const nobody = testKey();

describe('a request of an organization with a key of its own', () => {
  test('goes with that key, without anything of the operator’s, and is charged by the tier byok', async () => {
    const { ask, settled } = scene();
    const told = await ask(holderOf(ownKey()));
    expect(told).toMatchObject({ nexevo: { tier: 'byok', model_used: 'one/a', cost_usd: '0.00' } });
    expect(sentTo(one)).toEqual([ACME]);
    expect(JSON.stringify(one.received[0]?.headers)).not.toContain('canary');
    expect(settled).toMatchObject([{ billingTier: 'byok', outcome: 'success', costNano: 0n }]);
  });

  test('costs the share and the fee that the price list says, and holds no more than that before', async () => {
    const byok = { factor: { of: 5n, per: 100n }, feeNano: nanoUsd(1_000n) };
    const { ask, bounds } = scene({ byok });
    const told = await ask(holderOf(ownKey()), 'one/a', { max_tokens: 10 });
    // 11 tokens in at 1 and 7 out at 2 micro-dollars, a twentieth of it, and the fee.
    expect(told).toMatchObject({ nexevo: { tier: 'byok', cost_usd: '0.00000225' } });
    const plain = scene({ byok });
    await plain.ask(nobody, 'one/a', { max_tokens: 10 });
    expect(bounds[0]).toBeLessThan(plain.bounds[0] ?? 0n);
    expect(bounds[0]).toBeGreaterThanOrEqual(2_250n);
  });

  test('needs no money where own keys are free', async () => {
    const { ask, bounds } = scene({ funds: 0n });
    expect(tierOf(await ask(holderOf(ownKey())))).toBe('byok');
    expect(bounds).toEqual([0n]);
    expect(tierOf(await ask(nobody))).toBe('account_suspended');
  });

  test('goes with the operator’s key to other providers', async () => {
    const { ask } = scene();
    expect(tierOf(await ask(holderOf(ownKey()), 'two/b'))).toBe('passthrough');
    expect(sentTo(two)).toEqual([OPERATOR]);
  });

  test('may name what is not in the catalogue; others may not', async () => {
    const { ask } = scene();
    expect(await ask(holderOf(ownKey()), 'one/ft:acme')).toMatchObject({
      nexevo: { tier: 'byok', model_used: 'one/ft:acme' },
    });
    expect(one.received[0]?.body['model']).toBe('ft:acme');
    expect(tierOf(await ask(nobody, 'one/ft:acme'))).toBe('model_not_found');
    expect(tierOf(await ask(holderOf(ownKey()), 'two/ft:acme'))).toBe('model_not_found');
  });

  test('may use a model without a price where only a fee is charged, and only there', async () => {
    expect(tierOf(await scene().ask(holderOf(ownKey()), 'one/unpriced'))).toBe('byok');
    const byok = { factor: { of: 1n, per: 100n }, feeNano: nanoUsd(0n) };
    const { ask } = scene({ byok });
    expect(tierOf(await ask(holderOf(ownKey()), 'one/unpriced'))).toBe('model_not_allowed');
    expect(tierOf(await ask(nobody, 'one/unpriced'))).toBe('model_not_allowed');
  });

  test('is streamed with that key', async () => {
    const { services } = scene();
    const text = JSON.stringify({ model: 'one/a', stream: true, messages: [{ role: 'user' }] });
    const request = readChatRequest(text);
    const key = holderOf(ownKey());
    const admission = admit(services, { key, request, route: 'chat', trusts: ANY_TRUST });
    const pieces: Buffer[] = [];
    const push = (piece: Buffer) => pieces.push(piece) > 0;
    const outlet = { begin: () => {}, write: push, onDrain: () => {}, end: push };
    const outcome = await answerStream(services, await hold(services, admission), {
      outlet,
      cancellation: new Cancellation(),
    });
    expect(outcome).toMatchObject({ kind: 'streamed', generation: { billingTier: 'byok' } });
    expect(Buffer.concat(pieces).toString()).toContain('"tier":"byok"');
    expect(sentTo(one)).toEqual([ACME]);
  });

  test('for embeddings goes with that key', async () => {
    one.always(
      json(200, { object: 'list', data: [{ embedding: [1] }], usage: { prompt_tokens: 1 } }),
    );
    const { services } = scene();
    const request = readEmbeddingsRequest(JSON.stringify({ model: 'one/embed', input: 'x' }));
    const key = holderOf(ownKey());
    const admission = admit(services, { key, request, route: 'embeddings', trusts: ANY_TRUST });
    const held = await hold(services, admission);
    expect(await answerEmbeddings(services, held, new Cancellation())).toMatchObject({
      generation: { billingTier: 'byok', modelUsed: 'one/embed' },
    });
    expect(sentTo(one)).toEqual([ACME]);
  });

  test('that is refused is counted as byok, and costs nothing', async () => {
    const { ask, settled } = scene();
    one.always(json(401, {}));
    await ask(holderOf(ownKey()));
    expect(settled).toMatchObject([{ billingTier: 'byok', outcome: 'refused', costNano: 0n }]);
  });
});

describe('a tier', () => {
  test('is served with own keys where there are any, and with the operator’s elsewhere', async () => {
    const { ask } = scene();
    expect(await ask(holderOf(ownKey()), 'nexevo/auto')).toMatchObject({
      nexevo: { tier: 'byok', model_used: 'one/a' },
    });
    one.always(json(500, {}));
    const told = await ask(holderOf(ownKey()), 'nexevo/auto');
    expect(told).toMatchObject({
      nexevo: { tier: 'balanced', model_used: 'two/b', models_tried: ['one/a', 'two/b'] },
    });
    expect(new Set(sentTo(one))).toEqual(new Set([ACME]));
    expect(sentTo(two)).toEqual([OPERATOR]);
  });

  test('of models that only own keys reach is empty for everybody else', async () => {
    const upstream = { keys: [], ownKeys: { isNeeded: true, models: 'any' } } as const;
    const { ask } = scene({ upstream });
    expect(tierOf(await ask(holderOf(ownKey()), 'nexevo/auto'))).toBe('byok');
    const told = await ask(nobody, 'nexevo/auto');
    expect(told).toMatchObject({
      refusal: { code: 'no_upstream_available', message: expect.stringContaining('sealgate.yaml') },
    });
    const named = await ask(nobody, 'one/a');
    expect(named).toMatchObject({
      refusal: { code: 'model_not_found', message: expect.stringContaining('provider-keys') },
    });
  });

  test('can be had without money with own keys alone', async () => {
    const { ask, bounds } = scene({ funds: 0n });
    expect(tierOf(await ask(holderOf(ownKey()), 'nexevo/auto'))).toBe('byok');
    one.always(json(500, {}));
    expect(tierOf(await ask(holderOf(ownKey()), 'nexevo/auto'))).toBe('upstream_error');
    expect(two.received).toEqual([]);
    expect(bounds.filter((bound) => bound === 0n)).toHaveLength(2);
  });
});

const TROUBLE: readonly (readonly [string, Script])[] = [
  ['is refused', json(401, {})],
  ['cannot pay', json(402, {})],
  ['may not use the model', json(403, {})],
  ['is limited', json(429, {}, { 'retry-after': '9' })],
  ['meets a host that fails', json(500, {})],
  ['meets a host that is busy', json(503, {}, { 'retry-after': '9' })],
  ['meets a host that resets', reset],
  ['meets garbage', json(200, { object: 'list' })],
];
/** As the script says for requests with this key; everybody else gets an answer. */
const forKey =
  (authorization: string, script: Script): Script =>
  (request, response) =>
    (request.headers.authorization === authorization ? script : answer('Hello!'))(
      request,
      response,
    );

describe('an own key that does not serve', () => {
  test.each(TROUBLE)('because it %s never gives way to the operator’s', async (_name, script) => {
    one.always(forKey(ACME, script));
    const { ask } = scene();
    for (let count = 0; count < 8; count += 1) {
      expect((await ask(holderOf(ownKey()))).kind).toBe('refused');
    }
    expect(new Set(sentTo(one))).toEqual(new Set([ACME]));
  });

  test.each(TROUBLE)(
    'because it %s gives way where the organization allows that, which the answer tells',
    async (_name, script) => {
      one.always(forKey(ACME, script));
      const { ask, settled } = scene();
      for (let count = 0; count < 8; count += 1) {
        const told = await ask(holderOf(ownKey({ isFallbackAllowed: true })));
        expect(told).toMatchObject({
          nexevo: { tier: 'passthrough', model_used: 'one/a', models_tried: ['one/a'] },
        });
      }
      expect(new Set(settled.map(({ billingTier }) => billingTier))).toEqual(
        new Set(['passthrough']),
      );
      expect(sentTo(one).filter((key) => key === OPERATOR)).toHaveLength(8);
    },
  );

  test.each(TROUBLE)('because it %s is nobody else’s trouble', async (_name, script) => {
    one.always(forKey(ACME, script));
    const { ask, services, events } = scene();
    const other = ownKey({ id: 'pvk_2', secret: new Secret('secret-of-other') });
    for (let count = 0; count < 12; count += 1) await ask(holderOf(ownKey()));
    expect(tierOf(await ask(nobody))).toBe('passthrough');
    expect(tierOf(await ask(holderOf(other)))).toBe('byok');
    expect(services.health.of('one/a')).toMatchObject({ state: 'healthy', failureRatio: 0 });
    expect([...services.health.upstreams()].map(([id]) => id)).toEqual(['one']);
    // Nothing for operators to mend.
    expect(events.filter((event) => !('owner' in event))).toEqual([]);
  });

  test('leaves the operator’s budget of retries alone, also with the fallback', async () => {
    one.always(forKey(ACME, reset));
    // No circuit opens, so that the budget is all there is: ten further requests.
    const { ask } = scene({
      settings: {
        breaker: { failures: 1_000, failurePercent: 101, coolDownMs: 5_000 },
        retries: { perModel: 1, budgetPercent: 0 },
      },
    });
    for (let count = 0; count < 15; count += 1) {
      const told = await ask(holderOf(ownKey({ isFallbackAllowed: true })));
      expect(tierOf(told)).toBe('passthrough');
    }
    one.next(json(500, {}));
    expect(tierOf(await ask(nobody))).toBe('passthrough');
  });

  test('says who refuses it and what to do, each time', async () => {
    one.always(json(401, { error: { message: 'bad key secret-of-acme' } }));
    const { ask, events } = scene();
    for (let count = 0; count < 8; count += 1) {
      const told = await ask(holderOf(ownKey()));
      expect(told).toMatchObject({
        kind: 'refused',
        refusal: {
          code: 'provider_key_unusable',
          message:
            'one does not accept your organization’s own key (401). Replace it: POST /v1/billing/provider-keys/pvk_1/rotate.',
        },
      });
      expect(JSON.stringify(told)).not.toContain('secret-of-acme');
    }
    // Five are enough to know; then it rests, and is tried now and then.
    expect(one.received).toHaveLength(5);
    expect(events).toEqual(
      Array.from({ length: 5 }, () => ({
        kind: 'own-key-rejected',
        owner: { id: 'pvk_1', revision: 1 },
        status: 401,
      })),
    );
  });

  test.each([
    [402, /account.*cannot pay \(402\).*Top it up/],
    [403, /does not let.*use this model \(403\)/],
  ])('because of %i says so', async (status, sentence) => {
    one.always(json(status, {}));
    const { ask } = scene();
    expect(await ask(holderOf(ownKey()))).toMatchObject({
      refusal: { code: 'provider_key_unusable', message: expect.stringMatching(sentence) },
    });
  });

  test('for one model may be good for others: only what concerns all is told to its owner', async () => {
    one.always(json(403, {}));
    const { ask, events } = scene();
    await ask(holderOf(ownKey()));
    expect(events).toEqual([]);
  });

  test('because it is limited says whose limit it is and when it is over', async () => {
    one.always(json(429, {}, { 'retry-after': '9' }));
    const { ask } = scene();
    for (let count = 0; count < 2; count += 1) {
      expect(await ask(holderOf(ownKey()))).toMatchObject({
        refusal: {
          code: 'rate_limit_exceeded',
          message: expect.stringContaining('your organization’s own key'),
          details: { retryAfterSeconds: 9, facts: { limit_source: 'provider_key' } },
        },
      });
    }
    expect(one.received).toHaveLength(1);
  });

  test('serves again as soon as it is replaced, whatever was held against the old one', async () => {
    one.always(forKey(ACME, json(401, {})));
    const { ask } = scene();
    for (let count = 0; count < 8; count += 1) await ask(holderOf(ownKey()));
    const renewed = ownKey({ revision: 2, secret: new Secret('secret-of-acme-2') });
    expect(tierOf(await ask(holderOf(renewed)))).toBe('byok');
  });

  test('and serves again is told to its owner', async () => {
    one.next(json(401, {}));
    const { ask, events } = scene();
    await ask(holderOf(ownKey()));
    expect(tierOf(await ask(holderOf(ownKey())))).toBe('byok');
    expect(events.map(({ kind }) => kind)).toEqual(['own-key-rejected', 'own-key-used']);
  });

  test('that fails for another reason now is not said to be refused', async () => {
    const { ask } = scene({
      settings: {
        breaker: { failures: 2, failurePercent: 100, coolDownMs: 20_000 },
        retries: { perModel: 0, budgetPercent: 0 },
      },
    });
    one.next(json(401, {}), reset);
    await ask(holderOf(ownKey()));
    await ask(holderOf(ownKey()));
    expect(tierOf(await ask(holderOf(ownKey())))).toBe('no_upstream_available');
  });
});

describe('an own key that must not be sent', () => {
  test.each<[string, Partial<OwnKey>]>([
    ['was stored for another host', { origin: 'https://api.one.example' }],
    ['does not open', { secret: undefined }],
  ])('because it %s is told so, and nothing is sent', async (_why, changes) => {
    const { ask } = scene();
    expect(await ask(holderOf(ownKey(changes)))).toMatchObject({
      refusal: {
        code: 'provider_key_unusable',
        message: expect.stringContaining('GET /v1/billing/provider-keys'),
      },
    });
    expect(one.received).toEqual([]);
    const told = await ask(holderOf(ownKey({ ...changes, isFallbackAllowed: true })));
    expect(tierOf(told)).toBe('passthrough');
    expect(sentTo(one)).toEqual([OPERATOR]);
  });
});

describe('a second attempt', () => {
  test('at a host that stumbles goes with the same key', async () => {
    one.next(json(500, {}));
    const { ask } = scene();
    expect(tierOf(await ask(holderOf(ownKey({ isFallbackAllowed: true }))))).toBe('byok');
    expect(sentTo(one)).toEqual([ACME, ACME]);
  });

  test('beside a slow one is made with own keys only: nobody’s wallet pays for a race', async () => {
    const hedging = { isOn: true, atLeastMs: 20, samples: 1 };
    const { ask } = scene({ settings: { hedging } });
    const mine = holderOf(ownKey({ isFallbackAllowed: true }));
    await ask(mine, 'nexevo/auto');
    one.next(async (request, response) => {
      await delay(300);
      await json(200, completion('late'))(request, response);
    });
    expect(await ask(mine, 'nexevo/auto')).toMatchObject({ nexevo: { tier: 'byok' } });
    expect(sentTo(two)).toEqual([]);
    expect(sentTo(one)).toEqual([ACME, ACME]);
    const both = holderOf(
      ownKey(),
      ownKey({
        id: 'pvk_2',
        provider: 'two',
        origin: new URL(two.url).origin,
        secret: new Secret('secret-of-acme-at-two'),
      }),
    );
    one.next(silence);
    expect(await ask(both, 'nexevo/auto')).toMatchObject({
      nexevo: { tier: 'byok', model_used: 'two/b' },
    });
    expect(sentTo(two)).toEqual(['Bearer secret-of-acme-at-two']);
  });
});

describe('a caller who leaves', () => {
  test.each([
    ['the own key', [silence], 'byok', 0n],
    ['the operator’s key behind it', [json(401, {}), silence], 'passthrough', 1n],
  ] as const)('while %s is at work pays for that one', async (_who, scripts, tier, least) => {
    one.next(...scripts);
    const { services, settled } = scene();
    const key = holderOf(ownKey({ isFallbackAllowed: true }));
    const text = JSON.stringify({ model: 'one/a', messages: [{ role: 'user', content: 'hi' }] });
    const request = readChatRequest(text);
    const admission = admit(services, { key, request, route: 'chat', trusts: ANY_TRUST });
    const cancellation = new Cancellation();
    const answering = answerWhole(services, await hold(services, admission), cancellation);
    await expect.poll(() => one.received.length).toBe(scripts.length);
    cancellation.cancel();
    expect((await answering).kind).toBe('aborted');
    expect(settled).toMatchObject([{ billingTier: tier, outcome: 'aborted' }]);
    expect(settled[0]?.costNano).toBeGreaterThanOrEqual(least);
    if (tier === 'byok') expect(settled[0]?.costNano).toBe(0n);
  });

  test('of a stream with an own key pays what own keys cost', async () => {
    one.next(hangingStream(['data: {"choices":[{"delta":{"content":"word"}}]}\n\n']));
    const byok = { factor: { of: 1n, per: 1n }, feeNano: nanoUsd(0n) };
    const { services, settled } = scene({ byok });
    const text = JSON.stringify({ model: 'one/a', stream: true, messages: [{ role: 'user' }] });
    const request = readChatRequest(text);
    const key = holderOf(ownKey());
    const admission = admit(services, { key, request, route: 'chat', trusts: ANY_TRUST });
    const cancellation = new Cancellation();
    const outlet = {
      begin: () => {},
      write: () => {
        cancellation.cancel();
        return true;
      },
      onDrain: () => {},
      end: () => {},
    };
    const held = await hold(services, admission);
    expect(await answerStream(services, held, { outlet, cancellation })).toEqual({
      kind: 'aborted',
    });
    expect(settled).toMatchObject([{ billingTier: 'byok', outcome: 'aborted' }]);
    expect(settled[0]?.costNano).toBeGreaterThan(0n);
  });
});

describe('whatever catalogues, organizations and failures there are', () => {
  const trouble = fc.constantFrom<Script | undefined>(
    undefined,
    json(401, { error: { message: 'you sent secret-of-acme-at-one' } }),
    json(403, {}),
    json(429, {}, { 'retry-after-ms': '100' }),
    json(500, {}),
    json(503, {}, { 'retry-after-ms': '100' }),
    reset,
    json(200, { object: 'list' }),
  );
  const place = fc.record({
    has: fc.boolean(),
    isHere: fc.boolean(),
    opens: fc.boolean(),
    isFallbackAllowed: fc.boolean(),
  });
  const organization = fc.record({ one: place, two: place });
  const terms = fc.option(
    fc.record({
      isNeeded: fc.boolean(),
      models: fc.constantFrom('listed' as const, 'any' as const),
    }),
    { nil: undefined },
  );
  const request = fc.record({
    by: fc.constantFrom('acme', 'umbrella'),
    model: fc.constantFrom('one/a', 'two/b', 'nexevo/auto', 'one/unlisted', 'two/unlisted'),
    models: fc.subarray(['one/a', 'two/b']),
    trouble: fc.record({ one: trouble, two: trouble }),
  });
  const histories = fc.record({
    ownKeys: terms,
    acme: organization,
    umbrella: organization,
    isHedged: fc.boolean(),
    requests: fc.array(request, { minLength: 1, maxLength: 12 }),
  });
  type History = typeof histories extends fc.Arbitrary<infer Value> ? Value : never;

  const keysOf = (name: 'acme' | 'umbrella', places: History['acme']): OwnKey[] =>
    (['one', 'two'] as const).flatMap((provider) => {
      const { has, isHere, opens, isFallbackAllowed } = places[provider];
      const { origin } = new URL((provider === 'one' ? one : two).url);
      if (!has) return [];
      return ownKey({
        id: `pvk_${name}_${provider}`,
        provider,
        origin: isHere ? origin : 'https://was.example',
        secret: opens ? new Secret(`secret-of-${name}-at-${provider}`) : undefined,
        isFallbackAllowed,
      });
    });

  /** The credentials that a request of this organization may carry at this host. */
  const allowedAt = (
    { ownKeys }: History,
    provider: string,
    key: OwnKey | undefined,
  ): readonly string[] => {
    const isTaken = ownKeys !== undefined && key?.origin.startsWith('http:') === true;
    const own = isTaken && key.secret ? [`Bearer ${key.secret.reveal()}`] : [];
    const isOperators = (key === undefined || key.isFallbackAllowed) && !ownKeys?.isNeeded;
    return isOperators ? [...own, OPERATOR] : own;
  };

  test('no request carries another’s key, none goes to another host, and no refusal tells one', async () => {
    const seen = { own: 0, operators: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        one.received.length = 0;
        two.received.length = 0;
        const { ask } = scene({
          upstream: { ownKeys: history.ownKeys, isHedged: history.isHedged },
          settings: {
            hedging: { isOn: false, atLeastMs: 1, samples: 1 },
            retries: { perModel: 1, budgetPercent: 100 },
          },
        });
        const keys = {
          acme: keysOf('acme', history.acme),
          umbrella: keysOf('umbrella', history.umbrella),
        };
        for (const { by, model, models, trouble: faults } of history.requests) {
          one.always(faults.one ?? answer('Hello!'));
          two.always(faults.two ?? answer('Hello!'));
          const told = await ask(holderOf(...keys[by]), model, { user: by, models });
          expect(JSON.stringify(told)).not.toContain('secret-of');
          if (told.kind === 'refused') {
            expect(told.refusal.message).not.toContain('secret-of');
            seen.refused += 1;
          }
        }
        for (const [provider, fake] of [
          ['one', one],
          ['two', two],
        ] as const) {
          for (const { headers, body } of fake.received) {
            const owner = body['user'] === 'acme' ? 'acme' : 'umbrella';
            const key = keys[owner].find((each) => each.provider === provider);
            expect(allowedAt(history, provider, key)).toContain(headers.authorization);
            if (body['model'] === 'unlisted') expect(headers.authorization).not.toBe(OPERATOR);
            if (headers.authorization === OPERATOR) seen.operators += 1;
            else {
              seen.own += 1;
              expect(headers['x-operator']).toBeUndefined();
            }
          }
        }
      }),
      { numRuns: 150 },
    );
    // All of it has happened.
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(20);
  }, 60_000);
});
