import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OwnKey } from '../../../customers/provider-keys/index.ts';
import { Secret } from '../../../platform/secret.ts';
import { buildCatalogue } from '../build-catalogue.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Model, Upstream } from '../model.ts';
import { shippedPrices } from '../price-catalogue/testing.ts';
import { modelOf } from '../testing.ts';
import { unlistedModel } from './unlisted-model.ts';
import { isSameWay, waysTo } from './ways-to.ts';

const OPERATORS = { name: 'OPENAI_API_KEY', weight: 1, secret: new Secret('of the operator') };

const modelAt = (changes: Partial<Upstream> = {}): Model => ({
  ...modelOf({
    id: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    trust: 'public',
    keys: [OPERATORS],
    headers: { 'openai-organization': 'org-of-the-operator', authorization: 'Bearer operator' },
    ownKeys: { isNeeded: false, models: 'any' },
    ...changes,
  }),
  id: 'openai/gpt',
});

const ownKey = (changes: Partial<OwnKey> = {}): OwnKey => ({
  id: 'pvk_1',
  provider: 'openai',
  origin: 'https://api.openai.com',
  revision: 1,
  secret: new Secret('of the organization'),
  isFallbackAllowed: false,
  ...changes,
});

const keysOf = (...keys: OwnKey[]) => new Map(keys.map((key) => [key.provider, key]));
const secretsOf = (ways: ReturnType<typeof waysTo>): unknown =>
  typeof ways === 'string'
    ? ways
    : ways.map(({ upstream }) => upstream.keys?.map(({ secret }) => secret.reveal()));

describe('a model of a provider', () => {
  test('is asked with the operator’s key by whoever brings none', () => {
    const model = modelAt();
    expect(waysTo(model, keysOf())).toEqual([model]);
    expect(waysTo(model, keysOf(ownKey({ provider: 'groq' })))).toEqual([model]);
  });

  test('is asked with the organization’s own key, and only with that', () => {
    expect(secretsOf(waysTo(modelAt(), keysOf(ownKey())))).toEqual([['of the organization']]);
  });

  test('is asked without the operator’s headers then: they may be credentials', () => {
    const [way] = waysTo(modelAt(), keysOf(ownKey())) as readonly Model[];
    expect(way?.upstream).toMatchObject({ headers: {}, owner: { id: 'pvk_1', revision: 1 } });
  });

  test('may be asked with the operator’s key behind it where the organization allows that', () => {
    const keys = keysOf(ownKey({ isFallbackAllowed: true }));
    expect(secretsOf(waysTo(modelAt(), keys))).toEqual([
      ['of the organization'],
      ['of the operator'],
    ]);
  });

  test('without a key of the operator is for organizations with their own', () => {
    const model = modelAt({ keys: [], ownKeys: { isNeeded: true, models: 'any' } });
    expect(waysTo(model, keysOf())).toBe('keyless');
    const keys = keysOf(ownKey({ isFallbackAllowed: true }));
    expect(secretsOf(waysTo(model, keys))).toEqual([['of the organization']]);
  });

  test.each<[string, Partial<Upstream>, Partial<OwnKey>]>([
    ['has moved to another host', { baseUrl: 'https://evil.example/v1' }, {}],
    ['has moved to another port', { baseUrl: 'https://api.openai.com:8443/v1' }, {}],
    ['has lost its encryption', { baseUrl: 'http://api.openai.com/v1' }, {}],
    ['takes no keys of organizations any more', { ownKeys: undefined }, {}],
    ['is fine but the key does not open', {}, { secret: undefined }],
  ])('that %s is asked with neither key, unless the fallback is allowed', (_why, host, key) => {
    expect(waysTo(modelAt(host), keysOf(ownKey(key)))).toBe('unusable-own-key');
    const keys = keysOf(ownKey({ ...key, isFallbackAllowed: true }));
    expect(secretsOf(waysTo(modelAt(host), keys))).toEqual([['of the operator']]);
  });

  test('may move below its host: keys are bound to the origin, not to the path', () => {
    const model = modelAt({ baseUrl: 'https://api.openai.com/v2' });
    expect(secretsOf(waysTo(model, keysOf(ownKey())))).toEqual([['of the organization']]);
  });

  test('is the same way as long as key and catalogue are the same', () => {
    const [model, keys] = [modelAt(), keysOf(ownKey())];
    const [first] = waysTo(model, keys) as readonly Model[];
    const [second] = waysTo(model, keys) as readonly Model[];
    expect(second).toBe(first);
    const [other] = waysTo(modelAt(), keysOf(ownKey())) as readonly Model[];
    expect(first && other && isSameWay(first, other)).toBe(true);
    expect(first && isSameWay(first, model)).toBe(false);
  });

  test('whatever the catalogue and the keys are, nobody’s key stands beside another’s, at another origin, or under another owner', () => {
    const origin = fc.constantFrom('https://a.example', 'https://b.example', 'http://a.example');
    const provider = fc.constantFrom('one', 'two');
    const upstreams = fc.record({
      id: provider,
      baseUrl: origin.map((text) => `${text}/v1`),
      ownKeys: fc.option(
        fc.record({
          isNeeded: fc.boolean(),
          models: fc.constantFrom('listed' as const, 'any' as const),
        }),
        { nil: undefined },
      ),
    });
    const owned = fc.record({
      id: fc.constantFrom('pvk_1', 'pvk_2', 'pvk_3'),
      provider,
      origin,
      revision: fc.nat(3),
      isFallbackAllowed: fc.boolean(),
    });
    const keys = fc
      .array(owned, { maxLength: 2 })
      .map((all) =>
        keysOf(...all.map((key) => ({ ...key, secret: new Secret(`secret of ${key.id}`) }))),
      );
    fc.assert(
      fc.property(upstreams, keys, (upstream, ownKeys) => {
        const ways = waysTo(modelAt(upstream), ownKeys);
        if (typeof ways === 'string') return;
        for (const way of ways) expectApart(way, ownKeys.get(upstream.id), upstream.ownKeys);
        expect(ways.filter(({ upstream: { owner } }) => owner).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });
});

function expectApart(
  { upstream: { owner, keys = [], baseUrl, headers } }: Model,
  key: OwnKey | undefined,
  terms: Upstream['ownKeys'],
): void {
  const sent = keys.map(({ secret }) => secret.reveal());
  if (owner === undefined) {
    expect(sent).toEqual(['of the operator']);
    expect([key?.isFallbackAllowed ?? true, terms?.isNeeded ?? false]).toEqual([true, false]);
    return;
  }
  expect(sent).toEqual([`secret of ${key?.id}`]);
  expect(owner).toEqual({ id: key?.id, revision: key?.revision });
  expect([new URL(baseUrl).origin, headers]).toEqual([key?.origin, {}]);
}

describe('a model that is not in the catalogue', () => {
  const catalogueOf = (changes: Partial<Upstream> = {}): Catalogue => {
    const { upstream } = modelAt(changes);
    return buildCatalogue({
      definitions: [{ upstream, models: [] }],
      tiers: {},
      prices: shippedPrices(),
      nowMs: Date.UTC(2026, 10),
    });
  };
  const keys = keysOf(ownKey({ isFallbackAllowed: true }));

  test('may be named by whoever brings a key, and is never asked with the operator’s', () => {
    const model = unlistedModel(catalogueOf(), 'openai/ft:gpt-6-luna:acme/x', keys);
    expect(model).toMatchObject({
      id: 'openai/ft:gpt-6-luna:acme/x',
      upstreamModel: 'ft:gpt-6-luna:acme/x',
      price: undefined,
    });
    expect(secretsOf(model ? waysTo(model, keys) : 'keyless')).toEqual([['of the organization']]);
  });

  test('has what is known of it', () => {
    expect(unlistedModel(catalogueOf(), 'openai/gpt-6-luna', keys)).toMatchObject({
      price: { input: 100_000n },
      contextLength: 272_000,
    });
    const embedding = unlistedModel(catalogueOf(), 'openai/my-embed', keys);
    expect(embedding?.capabilities).toEqual(new Set(['embeddings']));
    const other = unlistedModel(catalogueOf({ kind: 'anthropic' }), 'openai/my-embed', keys);
    expect(other?.capabilities.has('embeddings')).toBe(false);
  });

  test.each<[string, Partial<Upstream>, string, typeof keys]>([
    ['without a key', {}, 'openai/x', keysOf()],
    ['of another provider', {}, 'groq/x', keysOf(ownKey({ provider: 'groq' }))],
    [
      'where the operator has listed all there is',
      { ownKeys: { isNeeded: false, models: 'listed' } },
      'openai/x',
      keys,
    ],
    ['where no keys are taken', { ownKeys: undefined }, 'openai/x', keys],
    ['without a name', {}, 'openai/', keys],
    ['without a provider', {}, 'openai', keys],
  ])('is unknown %s', (_why, upstream, id, ownKeys) => {
    expect(unlistedModel(catalogueOf(upstream), id, ownKeys)).toBeUndefined();
  });
});
