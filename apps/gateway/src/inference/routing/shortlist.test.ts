import { picoUsdPerToken } from '@sealgate/contract';
import { describe, expect, test } from 'vitest';
import { completePrice } from '../../customers/billing/index.ts';
import { EMPTY_CATALOGUE, modelOf } from '../upstreams/testing.ts';
import { ANY_TRUST, type Capability, type Catalogue, type Model } from '../upstreams/index.ts';
import { regionsOf } from './geo-policy.ts';
import { readIntent } from './intent.ts';
import { shortlist, type Requirements } from './shortlist.ts';

interface Traits {
  readonly price?: readonly [bigint, bigint];
  readonly upstream?: Partial<Model['upstream']>;
  readonly capabilities?: readonly Capability[];
}

function model(id: string, traits: Traits = {}): Model {
  const [input, output] = traits.price ?? [];
  const upstream = {
    id: id.split('/')[0] ?? '',
    trust: 'public',
    dataCollection: 'allow',
    ...traits.upstream,
  } as const;
  return {
    ...modelOf(upstream),
    id,
    upstreamModel: id,
    price:
      input === undefined || output === undefined
        ? undefined
        : completePrice({ input: picoUsdPerToken(input), output: picoUsdPerToken(output) }),
    capabilities: new Set(traits.capabilities ?? ['chat']),
  };
}

function catalogueOf(...models: Model[]): Catalogue {
  return {
    ...EMPTY_CATALOGUE,
    models: new Map(models.map((each) => [each.id, each])),
    pools: { fast: models, balanced: models, auto: models },
  };
}

const anything: Requirements = {
  waysTo: (model) => [model],
  unlisted: () => undefined,
  capabilities: new Set(['chat']),
  trusts: ANY_TRUST,
  regions: regionsOf('any'),
  allowedModels: undefined,
  dataCollection: 'allow',
  onlyUpstreams: undefined,
  ignoredUpstreams: [],
  isPriced: () => true,
  maxInputPrice: undefined,
  maxOutputPrice: undefined,
  maxTotal: undefined,
};

const ids = (catalogue: Catalogue, asked: string, needs: Partial<Requirements> = {}): unknown => {
  const found = shortlist(catalogue, readIntent(asked), { ...anything, ...needs });
  return found.kind === 'found' ? found.models.map(({ id }) => id) : found.misfit;
};

describe('the shortlist', () => {
  const cheap = model('a/cheap', { price: [10n, 10n], upstream: { trust: 'local' } });
  const dear = model('b/dear', {
    price: [900n, 900n],
    capabilities: ['chat', 'tools'],
    upstream: { trust: 'private', dataCollection: 'deny' },
  });
  const unpriced = model('c/unpriced');
  const all = catalogueOf(unpriced, dear, cheap);

  test('a tier is served by the cheapest model first, a model without a price last', () => {
    expect(ids(all, 'nexevo/auto')).toEqual(['a/cheap', 'b/dear', 'c/unpriced']);
    expect(ids(all, 'nexevo/fast:quality')).toEqual(['c/unpriced', 'b/dear', 'a/cheap']);
  });

  test('a model that is named is the only one', () => {
    expect(ids(all, 'b/dear')).toEqual(['b/dear']);
    expect(ids(all, 'b/dear:cheap')).toEqual(['b/dear']);
    expect(ids(all, 'b/none')).toBe('unknown');
  });

  test('a name that ends like a preference is still found', () => {
    expect(ids(catalogueOf(model('ollama/llama:fast')), 'ollama/llama:fast')).toEqual([
      'ollama/llama:fast',
    ]);
  });

  test.each<[string, Partial<Requirements>, unknown]>([
    ['trust', { trusts: new Set(['local']) }, ['a/cheap']],
    ['trust that nobody has', { trusts: new Set() }, 'trust'],
    [
      'the key’s regions',
      { regions: regionsOf('overseas-only') },
      ['a/cheap', 'b/dear', 'c/unpriced'],
    ],
    ['regions that nobody is in', { regions: regionsOf('cn-only') }, 'geo'],
    ['the key’s models', { allowedModels: new Set(['b/dear']) }, ['b/dear']],
    ['a key without any of them', { allowedModels: new Set(['x']) }, 'not-allowed'],
    ['a promise not to collect', { dataCollection: 'deny' }, ['b/dear']],
    ['upstreams to use', { onlyUpstreams: ['a', 'c'] }, ['a/cheap', 'c/unpriced']],
    ['upstreams to avoid', { ignoredUpstreams: ['a', 'b', 'c'] }, 'upstream-excluded'],
    ['capabilities', { capabilities: new Set<Capability>(['chat', 'tools']) }, ['b/dear']],
    [
      'a capability that nobody has',
      { capabilities: new Set<Capability>(['vision']) },
      'capability',
    ],
    ['a price ceiling, which no unpriced model meets', { maxOutputPrice: 10n }, ['a/cheap']],
    ['a price ceiling below all', { maxInputPrice: 9n }, 'price'],
    [
      'a total',
      { maxTotal: { nano: 5n, boundOf: ({ id }) => (id === 'b/dear' ? 5n : 6n) } },
      ['b/dear'],
    ],
  ])('keeps to %s', (_what, needs, expected) => {
    expect(ids(all, 'nexevo/auto', needs)).toEqual(expected);
  });
});
