import { describe, expect, test } from 'vitest';
import { KNOWN_PROVIDERS } from '../known-providers.ts';
import { compareCatalogues } from './compare.ts';
import { PriceCatalogueFile } from './file.ts';
import { createPriceBook } from './price-book.ts';
import shipped from '../../../../price-catalogue.json' with { type: 'json' };

const catalogue = PriceCatalogueFile.parse(shipped);
const NOW = Date.UTC(2026, 10, 24);

describe('the catalogue that comes with the package', () => {
  test('is sound, and says where its prices come from and of when they are', () => {
    for (const { source, as_of: asOf } of catalogue.providers) {
      expect(source).toMatch(/^https:/);
      expect(asOf).toMatch(/^2026-/);
    }
  });

  test('has only hosts of known providers, and every model costs something', () => {
    const urls = KNOWN_PROVIDERS.map(({ baseUrl }) => baseUrl);
    const book = createPriceBook(catalogue);
    for (const { base_url: url } of catalogue.providers) {
      expect(urls).toContain(url);
      for (const { price } of book.modelsAt(url, NOW)) {
        expect(price?.input).toBeGreaterThan(0n);
        expect(price?.cachedInput).toBeLessThanOrEqual(price?.input ?? 0n);
      }
    }
  });
});

const provider = (models: readonly object[], changes: object = {}) => ({
  name: 'Test',
  base_url: 'https://a.example/v1',
  source: 'https://a.example/prices',
  as_of: '2026-11-24',
  models,
  ...changes,
});
const model = (name: string, ...prices: readonly object[]) => ({ name, prices });
const price = (input: string, from?: string) => ({
  input,
  output: input,
  ...(from !== undefined && { effective_from: from }),
});
const fileOf = (...models: readonly object[]) =>
  PriceCatalogueFile.parse({ providers: [provider(models)] });

describe('a price', () => {
  const [first, second] = ['2026-12-01T00:00:00+01:00', '2027-01-01T00:00:00Z'];
  const book = createPriceBook(
    fileOf(model('m', price('1'), price('2', first), price('3', second))),
  );
  const inputAt = (ms: number) => book.find('https://a.example/v1', 'm', ms)?.price?.input;

  test('holds until the millisecond in which the next one takes effect, wherever that was written', () => {
    const at = Date.UTC(2026, 10, 30, 23);
    expect([at - 1, at, Date.parse(second) - 1, Date.parse(second)].map(inputAt)).toEqual([
      1_000_000n,
      2_000_000n,
      2_000_000n,
      3_000_000n,
    ]);
    expect([0, at, Date.parse(second)].map((ms) => book.changesAfter(ms))).toEqual([
      at,
      Date.parse(second),
      Infinity,
    ]);
  });

  test('is of a model and its dated snapshots at one host, and of nothing else', () => {
    const found = (url: string, name: string) => book.find(url, name, 0)?.name;
    expect(found('https://a.example/v1', 'm-2026-01-02')).toBe('m');
    expect(found('https://a.example/v1', 'm-20260102')).toBe('m');
    expect(found('https://a.example/v1', 'm-mini')).toBeUndefined();
    expect(found('https://a.example', 'm')).toBeUndefined();
  });
});

test.each([
  [{ providers: [provider([], { base_url: 'http://a.example/v1' })] }, 'https'],
  [{ providers: [provider([], { base_url: 'https://a.example/v1/' })] }, 'slash'],
  [{ providers: [provider([], { as_of: 'yesterday' })] }, 'day or a month'],
  [{ providers: [provider([]), provider([])] }, 'provider above'],
  [{ providers: [provider([model('m', price('1')), model('m', price('2'))])] }, 'model above'],
  [{ providers: [provider([model('m')])] }, ''],
  [{ providers: [provider([model('m', price('1'), price('2'))])] }, 'later than'],
  [
    {
      providers: [
        provider([
          model('m', price('1', '2026-12-01T00:00:00Z'), price('2', '2026-12-01T00:00:00Z')),
        ]),
      ],
    },
    'later than',
  ],
  [{ providers: [provider([model('m', price('1', '2026-12-01'))])] }, 'moment'],
  [{ providers: [provider([model('m', price('0.0000001'))])] }, 'per million'],
])('what makes no sense is refused: %j', (file, sentence) => {
  const { success, error } = PriceCatalogueFile.safeParse(file);
  expect([success, error?.issues.map(({ message }) => message).join()]).toEqual([
    false,
    expect.stringContaining(sentence),
  ]);
});

test('another catalogue differs by what is added, gone and asked for, however it is written', () => {
  const before = fileOf(
    model('same', price('1')),
    model('gone', price('1')),
    model('m', price('1')),
  );
  const after = fileOf(
    model('new', price('0.5')),
    model('same', price('1.00')),
    model('m', price('1'), price('2', '2026-12-01T00:00:00Z')),
  );
  expect(compareCatalogues(before, after)).toEqual({
    added: ['new (a.example): 0.50/0.50'],
    removed: ['gone (a.example)'],
    changed: ['m (a.example): 1.00/1.00 -> 1.00/1.00, from 2026-12-01T00:00:00.000Z on 2.00/2.00'],
  });
  expect(compareCatalogues(before, before)).toEqual({ added: [], removed: [], changed: [] });
});
