import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  json,
  reset,
  startFakeUpstream,
  type FakeUpstream,
  type Script,
} from '../../../../../../e2e/fakes/upstream.ts';
import { Secret } from '../../../platform/secret.ts';
import { createProviders, createTransport, type Model } from '../../upstreams/index.ts';
import { EMPTY_CATALOGUE, modelOf } from '../../upstreams/testing.ts';
import type { Embedder } from './embedder.ts';
import { createUpstreamEmbedder } from './upstream-embedder.ts';

const transport = createTransport();
const time = { nowMs: 0 };
const clock = (): number => time.nowMs;
let host: FakeUpstream;
let embedder: Embedder;
beforeAll(async () => {
  host = await startFakeUpstream();
});
beforeEach(() => {
  host.received.length = 0;
  host.always(vectorOf([3, 4]));
  embedder = createUpstreamEmbedder({
    modelId: 'box/bge',
    catalogue: () => ({
      ...EMPTY_CATALOGUE,
      models: new Map([['box/bge', model()]]),
    }),
    transport,
    providers: createProviders(clock),
    clock,
  });
});
afterAll(() => Promise.all([host.close(), transport.close()]));

const model = (): Model => ({
  ...modelOf({
    id: 'box',
    baseUrl: host.url,
    region: 'cn',
    keys: [{ name: 'a', weight: 1, secret: new Secret('key-of-the-box') }],
  }),
  id: 'box/bge',
  upstreamModel: 'bge-small',
});

const vectorOf = (embedding: readonly unknown[]): Script =>
  json(200, { object: 'list', data: [{ object: 'embedding', index: 0, embedding }] });
const anywhere = (): boolean => true;

describe('a model of the catalogue', () => {
  test('is sent the text and nothing else, with its key', async () => {
    expect(await embedder.embed('How?', anywhere)).toEqual(Int8Array.of(95, 127));
    expect(host.received.map(({ path, body }) => [path, body])).toEqual([
      ['/v1/embeddings', { model: 'bge-small', input: 'How?' }],
    ]);
    expect(host.received[0]?.headers.authorization).toBe('Bearer key-of-the-box');
  });

  test('is not sent what must not go there', async () => {
    expect(await embedder.embed('How?', ({ region }) => region !== 'cn')).toBeUndefined();
    expect(host.received).toEqual([]);
  });

  test.each<[string, Script]>([
    ['fails', json(500, {})],
    ['hangs up', reset],
    ['answers something else', json(200, { data: [] })],
    ['answers no numbers', vectorOf(['a', null])],
    ['answers nothing', vectorOf([])],
    ['answers too much', vectorOf(Array.from({ length: 400_000 }, () => 0.5))],
  ])('that %s gives no vector, and is left alone for a while', async (_name, script) => {
    host.always(script);
    expect(await embedder.embed('How?', anywhere)).toBeUndefined();
    host.always(vectorOf([1, 0]));
    expect(await embedder.embed('How?', anywhere)).toBeUndefined();
    expect(host.received).toHaveLength(1);
    time.nowMs += 10_000;
    expect(await embedder.embed('How?', anywhere)).toEqual(Int8Array.of(127, 0));
  });
});
