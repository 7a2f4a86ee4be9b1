import { picoUsdPerToken } from '@sealgate/contract';
import { describe, expect, test } from 'vitest';
import { completePrice, type Price } from '../../customers/billing/index.ts';
import { buildCatalogue, type CatalogueSources } from './build-catalogue.ts';
import { bundledModels } from './bundled-models.ts';
import type { ModelDefinition, UpstreamDefinition } from './definition.ts';
import { KNOWN_PROVIDERS } from './known-providers.ts';
import type { Upstream } from './model.ts';
import { NO_PRICES, shippedPrices } from './price-catalogue/testing.ts';
import { upstreamOf } from './testing.ts';

const timeouts = { connectMs: 1, firstByteMs: 1, idleMs: 1, totalMs: 1 };

const bundled = bundledModels({
  socketPath: '/run/local.sock',
  models: ['small', 'math', 'words'].map((id) => ({
    id,
    contextLength: 256,
    maxOutputTokens: 400,
  })),
  timeouts,
});

const price = (input: bigint, output: bigint): Price =>
  completePrice({ input: picoUsdPerToken(input), output: picoUsdPerToken(output) });

function host(
  id: string,
  models: readonly ModelDefinition[],
  changes: Partial<Upstream> = {},
): UpstreamDefinition {
  return {
    upstream: upstreamOf({ id, trust: 'public', baseUrl: `https://${id}.example/v1`, ...changes }),
    models,
  };
}

const EMPTY: CatalogueSources = { definitions: [], tiers: {}, prices: NO_PRICES, nowMs: 0 };

function poolsOf(sources: Partial<CatalogueSources>): Record<string, string[]> {
  const { pools } = buildCatalogue({ ...EMPTY, ...sources });
  return Object.fromEntries(
    Object.entries(pools).map(([tier, models]) => [tier, models.map(({ id }) => id)]),
  );
}

describe('default pools', () => {
  const small = ['local/small', 'local/math', 'local/words'];

  test('are the bundled models when there is nothing else', () => {
    expect(poolsOf({ definitions: [bundled] })).toEqual({
      fast: small,
      balanced: small,
      auto: small,
    });
  });

  test('rank by price, with the bundled models behind', () => {
    const definitions = [
      bundled,
      host('a', [
        { name: 'dear', price: price(900n, 900n) },
        { name: 'cheap', price: price(1n, 4n) },
      ]),
      host('b', [
        { name: 'middle', price: price(10n, 90n) },
        { name: 'low', price: price(5n, 9n) },
      ]),
    ];
    expect(poolsOf({ definitions })).toEqual({
      fast: ['a/cheap', 'b/low', ...small],
      balanced: ['b/middle', 'a/dear', ...small],
      auto: ['a/cheap', 'b/low', 'b/middle', 'a/dear', ...small],
    });
  });

  test('leave out what has no price or does not chat', () => {
    const definitions = [
      host('a', [
        { name: 'unpriced' },
        { name: 'embed', price: price(1n, 0n), capabilities: ['embeddings'] },
        { name: 'chat', price: price(1n, 1n) },
      ]),
    ];
    expect(poolsOf({ definitions })['auto']).toEqual(['a/chat']);
  });

  test('have what only own keys reach behind the others, provider by provider, and are else as without it', () => {
    const served = [
      bundled,
      host('a', [
        { name: 'cheap', price: price(1n, 4n) },
        { name: 'dear', price: price(900n, 900n) },
      ]),
    ];
    const forOwners = (id: string) =>
      host(
        id,
        [
          { name: 'small', price: price(2n, 2n) },
          { name: 'large', price: price(500n, 500n) },
        ],
        { ownKeys: { isNeeded: true, models: 'any' } },
      );
    const pools = poolsOf({ definitions: [...served, forOwners('x'), forOwners('y')] });
    const before = poolsOf({ definitions: served });
    expect(pools).toEqual({
      fast: [...(before['fast'] ?? []), 'x/small', 'y/small'],
      balanced: [...(before['balanced'] ?? []), 'x/large', 'y/large'],
      auto: [...(before['auto'] ?? []), 'x/small', 'x/large', 'y/small', 'y/large'],
    });
  });

  test('take models of this machine as free', () => {
    const definitions = [
      host('a', [{ name: 'paid', price: price(1n, 1n) }]),
      host('ollama', [{ name: 'llama3:8b' }], { trust: 'local' }),
    ];
    expect(poolsOf({ definitions })['fast']).toEqual(['ollama/llama3:8b']);
  });
});

describe('the operator’s tiers', () => {
  test('win, in their order, and skip what is not there now', () => {
    const definitions = [host('a', [{ name: 'x' }, { name: 'y', price: price(1n, 1n) }]), bundled];
    const tiers = { fast: ['a/y', 'gone/away', 'a/x'] };
    const pools = poolsOf({ definitions, tiers });
    expect(pools['fast']).toEqual(['a/y', 'a/x']);
    expect(pools['auto']).toEqual(['a/y', 'local/small', 'local/math', 'local/words']);
  });
});

describe('models', () => {
  const openai = 'https://api.openai.com/v1';

  test('are filled in from what is known of their host, also dated snapshots', () => {
    const definitions = [host('openai', [{ name: 'gpt-6-luna-2026-09-22' }], { baseUrl: openai })];
    const model = buildCatalogue({ ...EMPTY, prices: shippedPrices(), definitions }).models.get(
      'openai/gpt-6-luna-2026-09-22',
    );
    expect(model).toMatchObject({
      upstreamModel: 'gpt-6-luna-2026-09-22',
      price: { input: 100_000n, cachedInput: 10_000n, output: 500_000n },
      contextLength: 272_000,
    });
  });

  test('of the same name on another host get no price from it', () => {
    const definitions = [host('openai', [{ name: 'gpt-6-luna' }])];
    const model = buildCatalogue({ ...EMPTY, prices: shippedPrices(), definitions }).models.get(
      'openai/gpt-6-luna',
    );
    expect(model?.price).toBeUndefined();
  });

  test('are what is known of their host until it was asked, and afterwards only what it lists', () => {
    const unasked: UpstreamDefinition = {
      ...host('openai', [], { baseUrl: openai }),
      models: undefined,
    };
    const idsOf = (definition: UpstreamDefinition) => [
      ...buildCatalogue({
        ...EMPTY,
        prices: shippedPrices(),
        definitions: [definition],
      }).models.keys(),
    ];
    expect(idsOf(unasked)).toContain('openai/gpt-6-luna');
    expect(idsOf({ ...unasked, models: [{ name: 'new' }], isListed: true })).toEqual([
      'openai/new',
    ]);
  });

  test.each([
    ['the operator’s word goes before what is known', false, 7n, 5],
    ['what a host lists goes behind what is known', true, 100_000n, 272_000],
  ])('%s', (_, isListed, input, contextLength) => {
    const written = { name: 'gpt-6-luna', price: price(7n, 7n), contextLength: 5 };
    const definitions = [{ ...host('openai', [written], { baseUrl: openai }), isListed }];
    const sources = { ...EMPTY, prices: shippedPrices(), definitions };
    expect(buildCatalogue(sources).models.get('openai/gpt-6-luna')).toMatchObject({
      price: { input },
      contextLength,
      maxOutputTokens: 128_000,
    });
  });

  test('are what the operator says, and of two upstreams with one id the first counts', () => {
    const definitions = [
      host('openai', [{ name: 'gpt-6-luna', id: 'luna', price: price(7n, 7n) }], {
        baseUrl: openai,
      }),
      host('openai', [{ name: 'gpt-6.1-sol' }], { baseUrl: openai }),
    ];
    const { models, upstreams } = buildCatalogue({
      ...EMPTY,
      prices: shippedPrices(),
      definitions,
    });
    expect([...models.keys()]).toEqual(['openai/luna']);
    expect(models.get('openai/luna')?.price?.input).toBe(7n);
    expect(upstreams.size).toBe(1);
  });
});

describe('what comes built in', () => {
  test('every provider has its own id and is reached over TLS', () => {
    expect(new Set(KNOWN_PROVIDERS.map(({ id }) => id)).size).toBe(KNOWN_PROVIDERS.length);
    for (const { baseUrl } of KNOWN_PROVIDERS) expect(baseUrl).toMatch(/^https:\/\/.*[^/]$/);
  });
});
