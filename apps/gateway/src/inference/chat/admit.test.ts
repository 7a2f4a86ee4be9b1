import { GEO_POLICIES, picoUsdPerToken, type GeoPolicy } from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completePrice, DEFAULT_PRICE_LIST } from '../../customers/billing/index.ts';
import type { ApiKey } from '../../customers/keys/index.ts';
import { testKey } from '../../customers/keys/testing.ts';
import { Refusal } from '../../platform/refusal.ts';
import { testRouter } from '../routing/testing.ts';
import { ANY_TRUST, type Catalogue, type Model, type Region } from '../upstreams/index.ts';
import { EMPTY_CATALOGUE, modelOf } from '../upstreams/testing.ts';
import { admit } from './admit.ts';
import { readChatRequest } from './chat-request.ts';
import type { ChatServices } from './services.ts';

const keyWith = (geoPolicy: GeoPolicy, allowedModels?: readonly string[]): ApiKey =>
  testKey({ geoPolicy, allowedModels: allowedModels && new Set(allowedModels) });

const price = completePrice({ input: picoUsdPerToken(1n), output: picoUsdPerToken(1n) });

const modelIn = (id: string, region: Region, trust: Model['upstream']['trust']): Model => ({
  ...modelOf({ id: id.split('/')[0] ?? '', trust, region, dataCollection: 'allow' }),
  id,
  upstreamModel: id,
  price,
});

/** `admit` looks at the catalogue, prices, the router and the clock; the rest is for the walk after it. */
const servicesOf = (catalogue: Catalogue): ChatServices =>
  ({
    catalogue: () => catalogue,
    clock: () => 0,
    priceList: () => DEFAULT_PRICE_LIST,
    defaultMaxOutputTokens: 1_000,
    router: testRouter(),
  }) as unknown as ChatServices;

/** The regions of the candidates in order, or the code of the refusal. */
function regionsFor(catalogue: Catalogue, key: ApiKey, asked: readonly string[]): unknown {
  const [model, ...models] = asked;
  const text = JSON.stringify({
    model,
    ...(models.length > 0 && { models }),
    messages: [{ role: 'user', content: 'hello' }],
  });
  const applicant = {
    key,
    request: readChatRequest(text),
    route: 'chat',
    trusts: ANY_TRUST,
  } as const;
  try {
    const { candidates } = admit(servicesOf(catalogue), applicant);
    return candidates.map((candidate) => candidate.model.upstream.region);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const catalogueOf = (models: readonly Model[], pool: readonly Model[] = models): Catalogue => ({
  ...EMPTY_CATALOGUE,
  models: new Map(models.map((model) => [model.id, model])),
  pools: { fast: pool, balanced: pool.slice(0, 1), auto: pool.toReversed() },
});

describe('the geo policy of a key', () => {
  const here = modelIn('here/m', 'overseas', 'public');
  const there = modelIn('there/m', 'cn', 'public');
  const both = catalogueOf([here, there]);

  test.each<[GeoPolicy, readonly string[], unknown]>([
    ['any', ['nexevo/fast'], ['overseas', 'cn']],
    ['cn-only', ['nexevo/fast'], ['cn']],
    ['overseas-only', ['nexevo/auto'], ['overseas']],
    ['cn-only', ['here/m', 'there/m'], ['cn']],
    ['overseas-only', ['there/m', 'here/m', 'nexevo/fast'], ['overseas']],
    ['cn-only', ['here/m'], 'geo_policy_violation'],
    ['overseas-only', ['there/m:cheap'], 'geo_policy_violation'],
  ])('%s leads %j to %j', (policy, asked, expected) => {
    expect(regionsFor(both, keyWith(policy), asked)).toEqual(expected);
  });

  test('is told only of models that the key may use', () => {
    expect(regionsFor(both, keyWith('cn-only', ['there/m']), ['here/m'])).toBe('model_not_allowed');
    expect(regionsFor(both, keyWith('cn-only', ['here/m']), ['here/m'])).toBe(
      'geo_policy_violation',
    );
  });

  test('a tier that the key may use by name stays within the regions', () => {
    expect(regionsFor(both, keyWith('cn-only', ['nexevo/fast']), ['nexevo/fast'])).toEqual(['cn']);
  });

  test('whatever is asked of whatever catalogue, no candidate lies in a wrong region', () => {
    const ids = ['a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'c/2'];
    const asked = [...ids, ...ids.map((id) => `${id}:fast`), 'nexevo/fast', 'nexevo/auto:quality'];
    const catalogues = fc
      .tuple(
        ...ids.map((id) =>
          fc.record({
            region: fc.constantFrom<Region>('cn', 'overseas'),
            trust: fc.constantFrom('public' as const, 'private' as const, 'local' as const),
            id: fc.constant(id),
          }),
        ),
      )
      .map((traits) => traits.map(({ id, region, trust }) => modelIn(id, region, trust)))
      .chain((models) =>
        fc.record({ models: fc.subarray(models), pool: fc.shuffledSubarray(models) }),
      )
      .map(({ models, pool }) => catalogueOf(models, pool));
    const keys = fc.record({
      policy: fc.constantFrom(...GEO_POLICIES),
      allowed: fc.option(fc.subarray(asked, { minLength: 1 }), { nil: undefined }),
    });
    const requests = fc.array(fc.constantFrom(...asked), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(catalogues, keys, requests, (catalogue, { policy, allowed }, wanted) => {
        const regions = regionsFor(catalogue, keyWith(policy, allowed), wanted);
        const wrong = { any: [], 'cn-only': ['overseas'], 'overseas-only': ['cn'] }[policy];
        if (typeof regions === 'string') return;
        for (const region of wrong) expect(regions).not.toContain(region);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a refusal names the field to change', () => {
  const services = servicesOf(catalogueOf([modelIn('here/m', 'overseas', 'public')]));

  test.each<[object, string]>([
    [{ model: 'there/m' }, 'model'],
    [{ provider: { only: ['there'] } }, 'provider'],
    [{ provider: { data_collection: 'deny' } }, 'provider.data_collection'],
    [{ max_price: { prompt: '0' } }, 'max_price'],
  ])('for %j', (fields, param) => {
    const messages = [{ role: 'user', content: 'hello' }];
    const request = readChatRequest(JSON.stringify({ model: 'here/m', messages, ...fields }));
    const applicant = { key: testKey(), request, route: 'chat', trusts: ANY_TRUST } as const;
    expect(() => admit(services, applicant)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ param }) }),
    );
  });
});
