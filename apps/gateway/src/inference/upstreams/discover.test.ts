import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../platform/secret.ts';
import { environmentProviders, findLocalServers } from './discover.ts';
import { listModels, readModelList } from './list-models.ts';
import { createPriceBook, type PriceBook } from './price-catalogue/price-book.ts';
import { PriceCatalogueFile } from './price-catalogue/file.ts';
import { NO_PRICES, shippedPrices } from './price-catalogue/testing.ts';
import type { UpstreamDefinition } from './definition.ts';
import { KNOWN_PROVIDERS } from './known-providers.ts';
import type { Upstream } from './model.ts';
import {
  openCatalogue,
  type CatalogueOptions,
  type LiveCatalogue,
  type OwnKeySetting,
} from './open-catalogue.ts';
import { createProviders } from './providers/providers.ts';
import { upstreamOf } from './testing.ts';
import type { ExchangeSink } from './transport.ts';
import { createTransport } from './undici-transport.ts';

const timeouts = { connectMs: 2_000, firstByteMs: 2_000, idleMs: 2_000, totalMs: 5_000 };
const shipped = shippedPrices();
const transport = createTransport();
const services = { transport, providers: createProviders(() => 0) };
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const serve = (answer: RequestListener): Promise<number> =>
  listen(
    createServer((request, response) => {
      response.setHeader('connection', 'close');
      answer(request, response);
    }),
  );

const serveModels = (...ids: string[]): Promise<number> =>
  serve((request, response) => {
    const isList = request.method === 'GET' && request.url === '/v1/models';
    response.statusCode = isList ? 200 : 404;
    response.end(JSON.stringify({ object: 'list', data: ids.map((id) => ({ id })) }));
  });

const find = (ports: readonly number[], ownPort = 0): ReturnType<typeof findLocalServers> =>
  findLocalServers(services, {
    timeouts,
    ownPort,
    servers: ports.map((port, index) => ({ id: `server${index}`, port })),
  });

describe('local servers', () => {
  test('are found with their models, trusted as local, with the usual timeouts', async () => {
    const port = await serveModels('llama3:8b', 'nomic-embed-text');
    const [found] = await find([port]);
    expect(found?.upstream).toMatchObject({
      id: 'server0',
      baseUrl: `http://127.0.0.1:${port}/v1`,
      trust: 'local',
      timeouts,
    });
    expect(found?.models).toMatchObject([
      { name: 'llama3:8b' },
      { name: 'nomic-embed-text', capabilities: ['embeddings'] },
    ]);
  });

  test('that are no model servers, fail, hang or are this gateway are left out', async () => {
    const hanging = await listen(createSocketServer((socket) => void socket.resume()));
    const page = await serve((_request, response) => void response.end('<html>'));
    const broken = await serve((_request, response) => {
      response.statusCode = 500;
      response.end('{"data":[{"id":"x"}]}');
    });
    const empty = await serveModels();
    const own = await serveModels('itself');
    expect(await find([hanging, page, broken, empty, own, 1], own)).toEqual([]);
  });
});

describe('providers', () => {
  test('appear when their variable holds a key, bound to their own host', () => {
    const keys = new Map([
      ['ZHIPUAI_API_KEY', new Secret('z')],
      ['ANTHROPIC_API_KEY', new Secret('a')],
    ]);
    const found = environmentProviders(keys, timeouts);
    expect(found.map(({ upstream }) => upstream.id)).toEqual(['anthropic', 'zhipu']);
    expect(found[0]?.upstream).toMatchObject({
      kind: 'anthropic',
      baseUrl: 'https://api.anthropic.com/v1',
      trust: 'public',
      allowPrivateAddress: false,
    });
    expect(found[1]?.upstream.region).toBe('cn');
    expect(found.map(({ models }) => models)).toEqual([undefined, undefined]);
  });
});

describe('a model list', () => {
  test('is read with what hosts say of limits, prices and abilities', () => {
    const text = JSON.stringify({
      data: [
        { id: 'models/gemini-x' },
        { id: 'qwen', max_model_len: 32_768 },
        {
          id: 'vendor/model',
          context_length: 1_000,
          top_provider: { max_completion_tokens: 50 },
          pricing: { prompt: '0.0000015', completion: '0.000012', input_cache_read: '0.00000015' },
          supported_parameters: ['tools'],
          architecture: { input_modalities: ['text', 'image'] },
        },
        { id: 'router', pricing: { prompt: '-1', completion: '-1' } },
        { id: 'whisper-1' },
        { id: 7 },
        null,
      ],
    });
    expect(readModelList(text)).toMatchObject([
      { name: 'gemini-x' },
      { name: 'qwen', contextLength: 32_768 },
      {
        name: 'vendor/model',
        contextLength: 1_000,
        maxOutputTokens: 50,
        price: { input: 1_500_000n, cachedInput: 150_000n, output: 12_000_000n },
        capabilities: ['chat', 'tools', 'vision'],
      },
      { name: 'router', price: undefined },
    ]);
  });

  test('may be a bare list; other answers are no list', () => {
    expect(readModelList('[{"id":"a"}]')).toMatchObject([{ name: 'a' }]);
    for (const text of ['', 'null', '{}', '{"data":{}}', '"x"']) {
      expect(readModelList(text)).toBeUndefined();
    }
  });

  test('prices that do not fit six decimals exactly give no price', () => {
    const priced = (prompt: string): string =>
      JSON.stringify([{ id: 'a', pricing: { prompt, completion: '0' } }]);
    expect(readModelList(priced('0.0000000000011'))).toMatchObject([{ price: undefined }]);
    expect(readModelList(priced('0.0000000000010'))).toMatchObject([{ price: { input: 1n } }]);
    expect(readModelList(priced('1e-7'))).toMatchObject([{ price: undefined }]);
  });

  test('without end is given up', async () => {
    const port = await serve((_request, response) => {
      const piece = Buffer.alloc(1024 * 1024, ' ');
      const write = (): void => {
        while (!response.destroyed && response.write(piece));
        response.once('drain', write);
      };
      write();
    });
    const upstream = upstreamOf({ baseUrl: `http://127.0.0.1:${port}/v1` });
    expect(await listModels(services, upstream)).toBeUndefined();
  });
});

const open = (options: Omit<CatalogueOptions, 'prices' | 'clock'> & Partial<CatalogueOptions>) =>
  openCatalogue(services, { prices: () => NO_PRICES, clock: () => 0, ...options });

describe('the live catalogue', () => {
  test('is there before slow hosts have answered, and knows their models after a refresh', async () => {
    let isUp = false;
    const port = await serve((_request, response) => {
      response.statusCode = isUp ? 200 : 503;
      response.end('{"data":[{"id":"later"}]}');
    });
    const upstream = upstreamOf({ id: 'mine', baseUrl: `http://127.0.0.1:${port}/v1` });
    const fixed = { upstream: upstreamOf({ id: 'fixed' }), models: [{ name: 'listed' }] };
    const live = await open({
      configured: [{ upstream, models: undefined }, fixed],
      tiers: {},
      timeouts,
      ownKeys: 'off',
      discovery: undefined,
    });
    expect([...live.current().models.keys()]).toEqual(['fixed/listed']);
    isUp = true;
    await live.refresh();
    expect([...live.current().models.keys()]).toEqual(['mine/later', 'fixed/listed']);
    isUp = false;
    await live.refresh();
    expect([...live.current().models.keys()]).toEqual(['mine/later', 'fixed/listed']);
  });

  test('leaves what the operator wrote down to the operator', async () => {
    const port = await serveModels('found');
    const live = await open({
      configured: [{ upstream: upstreamOf({ id: 'ollama' }), models: [{ name: 'written' }] }],
      tiers: {},
      timeouts,
      ownKeys: 'off',
      discovery: { keys: new Map(), ownPort: 0, servers: [{ id: 'ollama', port }] },
    });
    expect([...live.current().models.keys()]).toEqual(['ollama/written']);
  });

  test('contains local servers at once, and notices new ones at a refresh', async () => {
    const first = await serveModels('one');
    const late = createServer((_request, response) => {
      response.setHeader('connection', 'close');
      response.end('{"data":[{"id":"two"}]}');
    });
    const second = await listen(late);
    await new Promise((resolve) => late.close(resolve));
    const live = await open({
      configured: [],
      tiers: {},
      timeouts,
      ownKeys: 'off',
      discovery: {
        keys: new Map(),
        ownPort: 0,
        servers: [
          { id: 'a', port: first },
          { id: 'b', port: second },
        ],
      },
    });
    expect([...live.current().models.keys()]).toEqual(['a/one']);
    await new Promise<void>((resolve) => late.listen(second, '127.0.0.1', resolve));
    await live.refresh();
    expect([...live.current().models.keys()]).toEqual(['a/one', 'b/two']);
  });

  describe('with prices that change', () => {
    const dear = { effective_from: '2026-12-01T00:00:00Z', input: '2', output: '4' };
    const bookOf = (...prices: readonly object[]): PriceBook =>
      createPriceBook(
        PriceCatalogueFile.parse({
          providers: [
            {
              name: 'Test',
              base_url: 'https://a.example/v1',
              source: 'https://a.example/prices',
              as_of: '2026-11',
              models: [{ name: 'm', prices }],
            },
          ],
        }),
      );
    const upstream = upstreamOf({ id: 'a', trust: 'public', baseUrl: 'https://a.example/v1' });
    const atMs = Date.parse(dear.effective_from);
    let nowMs: number;
    let book: PriceBook;
    const opened = () =>
      open({
        configured: [{ upstream, models: undefined }],
        tiers: {},
        timeouts,
        ownKeys: 'off',
        discovery: undefined,
        prices: () => book,
        clock: () => nowMs,
      });

    test('has the new price from its very millisecond on, without asking anybody', async () => {
      [nowMs, book] = [atMs - 1, bookOf({ input: '1', output: '3' }, dear)];
      const live = await opened();
      const price = () => live.current().models.get('a/m')?.price;
      const before = price();
      expect(before).toMatchObject({ input: 1_000_000n, output: 3_000_000n });
      expect(price()).toBe(before);
      nowMs = atMs;
      const after = price();
      expect(after).toMatchObject({ input: 2_000_000n, output: 4_000_000n });
      expect(price()).toBe(after);
    });

    test('has none before the first one takes effect, so that it is not sold for nothing', async () => {
      [nowMs, book] = [atMs - 1, bookOf(dear)];
      const live = await opened();
      expect(live.current().models.get('a/m')?.price).toBeUndefined();
      nowMs = atMs;
      expect(live.current().models.get('a/m')?.price).toBeDefined();
    });

    test('has those of another catalogue as soon as there is one', async () => {
      [nowMs, book] = [atMs, bookOf(dear)];
      const live = await opened();
      const before = live.current();
      expect(live.current()).toBe(before);
      book = bookOf({ input: '9', output: '9' });
      expect(live.current().models.get('a/m')?.price?.input).toBe(9_000_000n);
      expect(before.models.get('a/m')?.price?.input).toBe(2_000_000n);
    });
  });

  describe('with keys of organizations', () => {
    const openTo = (ownKeys: OwnKeySetting, configured: readonly UpstreamDefinition[] = []) =>
      open({
        prices: () => shipped,
        configured,
        tiers: {},
        timeouts,
        discovery: {
          keys: new Map([['OPENAI_API_KEY', new Secret('k')]]),
          ownPort: 0,
          servers: [],
        },
        ownKeys,
      });
    const termsIn = async (live: Promise<LiveCatalogue>) =>
      new Map(
        Array.from((await live).current().upstreams.values(), ({ id, ownKeys }) => [id, ownKeys]),
      );

    test('has every provider that is known, but for those that the operator has the place of', async () => {
      const mine = { upstream: upstreamOf({ id: 'groq' }), models: [{ name: 'mine' }] };
      const live = openTo('known', [mine]);
      const terms = await termsIn(live);
      expect([...terms.keys()].toSorted()).toEqual(KNOWN_PROVIDERS.map(({ id }) => id).toSorted());
      expect(terms.get('openai')).toMatchObject({ isNeeded: false, models: 'any' });
      expect(terms.get('anthropic')).toMatchObject({ isNeeded: true, models: 'any' });
      expect(terms.get('openrouter')).toMatchObject({ keyCheckPath: '/key' });
      // Local, and written down.
      expect(terms.get('groq')).toBeUndefined();
      const { upstreams, models } = (await live).current();
      expect(upstreams.get('anthropic')).toMatchObject({ trust: 'public', headers: {} });
      expect(upstreams.get('anthropic')?.keys ?? []).toEqual([]);
      expect(models.has('anthropic/claude-haiku-4-5')).toBe(true);
    });

    test('or only those of the operator, or none', async () => {
      const socket = upstreamOf({ id: 'socket', trust: 'public', socketPath: '/run/x.sock' });
      const host = upstreamOf({ id: 'host', trust: 'public', baseUrl: 'https://host.example/v1' });
      const configured = [
        { upstream: socket, models: [] },
        { upstream: host, models: [{ name: 'a' }] },
        { upstream: upstreamOf({ id: 'private', trust: 'private' }), models: [] },
      ];
      const terms = await termsIn(openTo('upstreams', configured));
      expect([...terms.keys()]).toEqual(['socket', 'host', 'private', 'openai']);
      expect(terms.get('host')).toMatchObject({ isNeeded: false, models: 'listed' });
      expect([terms.get('socket'), terms.get('private')]).toEqual([undefined, undefined]);
      const closed = await termsIn(openTo('off', configured));
      expect([...closed.values()]).toEqual([undefined, undefined, undefined, undefined]);
    });

    test('asks those of whom it has no key nothing, also when it looks again', async () => {
      const asked: string[] = [];
      const watching = {
        ...services,
        transport: {
          send: (upstream: Upstream, _request: unknown, sink: ExchangeSink) => {
            asked.push(upstream.id);
            queueMicrotask(() => sink.onFailure({ kind: 'broken', cause: new Error('away') }));
            return { resume: () => {}, abort: () => {} };
          },
          close: async () => {},
        },
      };
      const live = await openCatalogue(watching, {
        prices: () => shipped,
        clock: () => 0,
        configured: [],
        tiers: {},
        timeouts,
        discovery: {
          keys: new Map([['OPENAI_API_KEY', new Secret('k')]]),
          ownPort: 0,
          servers: [],
        },
        ownKeys: 'known',
      });
      await live.refresh();
      await live.refresh();
      expect(asked).toEqual(['openai', 'openai']);
      expect(live.current().models.has('anthropic/claude-haiku-4-5')).toBe(true);
    });
  });
});
