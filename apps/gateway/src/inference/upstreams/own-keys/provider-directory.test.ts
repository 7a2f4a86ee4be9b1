import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../platform/secret.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Upstream } from '../model.ts';
import { createProviders } from '../providers/providers.ts';
import { EMPTY_CATALOGUE, upstreamOf } from '../testing.ts';
import { createTransport } from '../undici-transport.ts';
import { createProviderDirectory } from './provider-directory.ts';

const KEY = 'canary-key-of-an-organization';
const transport = createTransport();
const services = { transport, providers: createProviders(() => 0) };
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});
afterAll(() => transport.close());

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A provider on this machine, and what it was asked. */
async function provider(answer: RequestListener, changes: Partial<Upstream> = {}) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    answer(request, response);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const upstream = upstreamOf({
    id: 'mine',
    baseUrl: `${origin}/v1`,
    ownKeys: { isNeeded: true, models: 'any' },
    keys: [{ name: 'K', weight: 1, secret: new Secret('operator-key') }],
    headers: { authorization: 'Bearer operator-header', 'x-tenant': 'operator' },
    ...changes,
  });
  return { asked, upstream, origin };
}

const directoryOf = (...upstreams: Upstream[]) => {
  const catalogue: Catalogue = {
    ...EMPTY_CATALOGUE,
    upstreams: new Map(upstreams.map((upstream) => [upstream.id, upstream])),
  };
  return createProviderDirectory(services, () => catalogue);
};

const json = (status: number, body: unknown): RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
};

async function check(answer: RequestListener, changes: Partial<Upstream> = {}) {
  const { upstream, origin, asked } = await provider(answer, changes);
  const directory = directoryOf(upstream);
  const verdict = await directory.check(
    { id: 'mine', origin, isOwnKeyNeeded: true },
    new Secret(KEY),
  );
  return { verdict, asked };
}

describe('a key that is checked', () => {
  test('is sent to the list of models alone: without the operator’s key and headers', async () => {
    const list = { data: [{ id: 'a' }, { id: 'models/b' }, { id: 'whisper-1' }] };
    const { verdict, asked } = await check(json(200, list));
    expect(verdict).toEqual({ kind: 'accepted', models: ['a', 'b'] });
    expect(asked).toMatchObject([
      { url: '/v1/models', headers: { authorization: `Bearer ${KEY}` } },
    ]);
    expect(JSON.stringify(asked)).not.toContain('operator');
  });

  test('is sent as its provider wants it', async () => {
    const { asked } = await check(json(200, { data: [] }), { kind: 'anthropic' });
    expect(asked).toMatchObject([{ headers: { 'x-api-key': KEY } }]);
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });

  test('is refused when its provider does not know it, in the provider’s words but for the key', async () => {
    const message = `Incorrect API key provided: ${KEY}. See https://provider.example/keys`;
    expect((await check(json(401, { error: { message } }))).verdict).toEqual({
      kind: 'refused',
      status: 401,
      message: 'Incorrect API key provided: […]. See […]',
    });
    const { verdict } = await check(json(400, { error: { message: 'API key not valid.' } }));
    expect(verdict).toMatchObject({ kind: 'refused', status: 400 });
  });

  test.each([
    ['may chat but not list models', 403, { error: { message: 'no access' } }],
    [
      'lacks a scope, which some hosts say with 401',
      401,
      { error: { message: 'You have insufficient permissions. Missing scopes: api.model.read' } },
    ],
    ['is out of money', 402, {}],
    ['is limited now', 429, {}],
    ['is of a provider without such a list', 404, {}],
  ])('that %s is neither taken nor refused', async (_what, status, body) => {
    expect((await check(json(status, body))).verdict).toEqual({
      kind: 'undecided',
      reason: 'inconclusive',
    });
  });

  test('of a provider that is broken or away is neither', async () => {
    const unreachable = { kind: 'undecided', reason: 'unreachable' };
    expect((await check(json(503, {}))).verdict).toEqual(unreachable);
    const reset: RequestListener = (_request, response) => void response.destroy();
    expect((await check(reset)).verdict).toEqual(unreachable);
  });

  test('is not sent to a private address that the operator has not allowed', async () => {
    const { verdict, asked } = await check(json(200, { data: [] }), { allowPrivateAddress: false });
    expect(verdict).toEqual({ kind: 'undecided', reason: 'unreachable' });
    expect(asked).toEqual([]);
  });

  test('is tried where it matters when the list of models is open to everybody', async () => {
    const ownKeys = { isNeeded: true, models: 'any', keyCheckPath: '/key' } as const;
    const answer =
      (status: number): RequestListener =>
      (request, response) =>
        json(request.url === '/v1/key' ? status : 200, { data: [{ id: 'a' }] })(request, response);
    expect((await check(answer(200), { ownKeys })).verdict).toEqual({
      kind: 'accepted',
      models: ['a'],
    });
    expect((await check(answer(401), { ownKeys })).verdict).toMatchObject({ kind: 'refused' });
  });

  test('is sent nowhere when its provider has moved meanwhile, or takes no keys any more', async () => {
    const { upstream, origin, asked } = await provider(json(200, { data: [] }));
    const secret = new Secret(KEY);
    const elsewhere = { id: 'mine', origin: 'https://other.example', isOwnKeyNeeded: true };
    const unreachable = { kind: 'undecided', reason: 'unreachable' };
    expect(await directoryOf(upstream).check(elsewhere, secret)).toEqual(unreachable);
    const closed = directoryOf({ ...upstream, ownKeys: undefined });
    expect(await closed.check({ ...elsewhere, origin }, secret)).toEqual(unreachable);
    expect(asked).toEqual([]);
  });

  test('is not followed to where a redirect leads', async () => {
    const target = await provider(json(200, { data: [] }));
    const { verdict } = await check((_request, response) => {
      response.writeHead(302, { location: `${target.origin}/v1/models` }).end();
    });
    expect(verdict).toEqual({ kind: 'undecided', reason: 'inconclusive' });
    expect(target.asked).toEqual([]);
  });
});

test('those who take keys are listed, the others are not there', () => {
  const ownKeys = { isNeeded: false, models: 'any' } as const;
  const directory = directoryOf(
    upstreamOf({ id: 'open', baseUrl: 'https://open.example/v1', ownKeys }),
    upstreamOf({ id: 'closed' }),
  );
  const open = { id: 'open', origin: 'https://open.example', isOwnKeyNeeded: false };
  expect(directory.list()).toEqual([open]);
  expect(directory.find('open')).toEqual(open);
  expect(directory.find('closed')).toBeUndefined();
});
