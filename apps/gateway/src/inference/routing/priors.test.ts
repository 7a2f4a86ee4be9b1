import { picoUsdPerToken } from '@sealgate/contract';
import { expect, test } from 'vitest';
import { completePrice } from '../../customers/billing/index.ts';
import type { Model } from '../upstreams/index.ts';
import { catalogueOf, modelOf } from '../upstreams/testing.ts';
import { priorOf } from './priors.ts';

const model = (name: string, usd: bigint | undefined, changes: Partial<Model> = {}): Model => ({
  ...modelOf({}),
  id: `house/${name}`,
  price:
    usd === undefined
      ? undefined
      : completePrice({ input: picoUsdPerToken(usd), output: picoUsdPerToken(usd) }),
  ...changes,
});

const means = (...models: readonly Model[]): Record<string, number> => {
  const catalogue = catalogueOf(models);
  return Object.fromEntries(models.map(({ id }) => [id, priorOf(catalogue, id).mean]));
};

test('what the operator expects counts, within what can be', () => {
  expect(
    means(
      model('sure', 1n, { quality: 1 }),
      model('bad', 9n, { quality: 0 }),
      model('fair', 5n, { quality: 0.55 }),
    ),
  ).toEqual({ 'house/sure': 0.98, 'house/bad': 0.02, 'house/fair': 0.55 });
});

test('else the dearer is expected to be better, by rank', () => {
  expect(means(model('c', 900n), model('a', 1n), model('b', 10n), model('b2', 10n))).toEqual({
    'house/a': 0.6,
    'house/b': 0.7,
    'house/b2': 0.7,
    'house/c': 0.8,
  });
});

test('what costs nothing is expected to be as good as any', () => {
  expect(means(model('own', 0n), model('cheap', 1n), model('dear', 9n))).toMatchObject({
    'house/own': 0.7,
    'house/dear': 0.8,
  });
});

test('where price tells nothing, all are expected to be alike', () => {
  expect(means(model('one', 5n), model('same', 5n))).toEqual({
    'house/one': 0.7,
    'house/same': 0.7,
  });
  const catalogue = catalogueOf([model('unpriced', undefined), model('a', 1n), model('b', 2n)]);
  expect(priorOf(catalogue, 'house/unpriced')).toEqual({ mean: 0.7, worth: 20 });
  expect(priorOf(catalogue, 'gone/away')).toEqual({ mean: 0.7, worth: 20 });
});
