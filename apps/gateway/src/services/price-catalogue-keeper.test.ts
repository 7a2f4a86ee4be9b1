import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SHIPPED_CATALOGUE_PATH } from '../inference/upstreams/index.ts';
import { openPriceCatalogue } from './price-catalogue-keeper.ts';

const OPENAI = 'https://api.openai.com/v1';
let folder: string;
let path: string;
let shipped: string;
let lines: [level: string, facts: object, text: string][];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealgate-catalogue-'));
  path = join(folder, 'prices.json');
  shipped = await readFile(SHIPPED_CATALOGUE_PATH, 'utf8');
  await writeFile(path, shipped);
  lines = [];
});
afterEach(() => rm(folder, { recursive: true }));

const log = {
  info: (facts: object, text: string) => void lines.push(['info', facts, text]),
  error: (facts: object, text: string) => void lines.push(['error', facts, text]),
} as unknown as Parameters<typeof openPriceCatalogue>[1];
const dearer = () => shipped.replace('"input": "0.10"', '"input": "0.12"');

test('a file that has changed is used from then on, and the log says what has changed', async () => {
  const keeper = await openPriceCatalogue(path, log);
  const input = () => keeper.current().find(OPENAI, 'gpt-6-luna', 0)?.price?.input;
  expect(input()).toBe(100_000n);
  await keeper.reread();
  expect(lines).toEqual([]);
  await writeFile(path, dearer());
  await keeper.reread();
  expect(input()).toBe(120_000n);
  expect(lines).toEqual([
    [
      'info',
      {
        path,
        counts: { added: 0, removed: 0, changed: 1 },
        added: [],
        removed: [],
        changed: ['gpt-6-luna (api.openai.com): 0.10/0.50 -> 0.12/0.50'],
      },
      'the price catalogue has changed',
    ],
  ]);
});

test.each([
  ['half a file', () => shipped.slice(0, 500)],
  ['a price that is none', () => shipped.replace('"0.10"', '"free"')],
])('%s changes nothing; the log says so once, with the line', async (_, broken) => {
  const keeper = await openPriceCatalogue(path, log);
  const before = keeper.current();
  await writeFile(path, broken());
  await keeper.reread();
  await keeper.reread();
  expect(keeper.current()).toBe(before);
  expect(lines).toEqual([
    [
      'error',
      { path, faults: expect.arrayContaining([expect.stringMatching(/^prices\.json:\d+/)]) },
      'the price catalogue is broken: the one that was read before stays in use',
    ],
  ]);
  await writeFile(path, shipped);
  await keeper.reread();
  expect(lines.map(([level]) => level)).toEqual(['error', 'info']);
  await writeFile(path, dearer());
  await keeper.reread();
  expect(keeper.current()).not.toBe(before);
});

test('a file that is gone changes nothing', async () => {
  const keeper = await openPriceCatalogue(path, log);
  const before = keeper.current();
  await rm(path);
  await keeper.reread();
  expect(keeper.current()).toBe(before);
  const faults = [expect.stringContaining('cannot be read')];
  expect(lines).toEqual([['error', { path, faults }, expect.any(String)]]);
});

test('nothing begins with a broken file', async () => {
  await writeFile(path, '{"providers": [{}]}');
  await expect(openPriceCatalogue(path, log)).rejects.toThrow(
    'prices.json:1 providers[0].name: is missing',
  );
});
