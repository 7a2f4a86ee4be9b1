import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { Agent } from 'undici';
import { isPublicAddress, publicConnector, resolveByDns } from './index.ts';
import { createTestNameServer } from './testing.ts';

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** Servers at several addresses of this machine that all have one port, and where connections were made. */
async function listenOn(...addresses: readonly string[]) {
  const connected: string[] = [];
  let port = 0;
  for (const address of addresses) {
    const server: Server = createServer((_request, response) => response.end(address));
    server.on('connection', () => connected.push(address));
    server.listen(port, address);
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    endings.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
  }
  return { port, connected };
}

async function namesFrom(answers: (name: string, type: string) => readonly string[] | undefined) {
  const server = await createTestNameServer(answers);
  endings.push(() => server.close());
  return server;
}

function get(connect: ReturnType<typeof publicConnector>, url: string): Promise<string> {
  const agent = new Agent({ connect, pipelining: 0 });
  endings.push(() => agent.destroy());
  const { origin, pathname } = new URL(url);
  return agent.request({ origin, path: pathname, method: 'GET' }).then(({ body }) => body.text());
}

const outcomeOf = (request: Promise<unknown>): Promise<string> =>
  request.then(
    () => 'connected',
    (error: Error) => error.name,
  );

const connectMs = 1_000;

describe('a host that is an address', () => {
  test.each([
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '0',
    '127.1',
  ])('%s is never connected to', async (host) => {
    const { port, connected } = await listenOn('127.0.0.1');
    const request = get(publicConnector({ connectMs }), `http://${host}:${port}/`);
    expect(await outcomeOf(request)).toBe('BlockedAddressError');
    expect(connected).toEqual([]);
  });

  test('is connected to where it is allowed: it is the rule that refuses', async () => {
    const { port, connected } = await listenOn('127.0.0.1');
    const connect = publicConnector({ connectMs, isAllowed: () => true });
    expect(await get(connect, `http://127.0.0.1:${port}/`)).toBe('127.0.0.1');
    expect(connected).toEqual(['127.0.0.1']);
  });
});

describe('a host that is a name', () => {
  test.each([
    ['this machine', ['127.0.0.1'], ['::1']],
    ['a private network', ['10.0.0.1', '192.168.1.1', '172.16.0.1', '100.64.0.1'], ['fd00::1']],
    ['the metadata of a cloud', ['169.254.169.254', '168.63.129.16'], ['fd00:ec2::254']],
    ['this machine in IPv6 clothes', [], ['::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::']],
  ])('is refused when all it has is %s', async (_what, ipv4, ipv6) => {
    const { port, connected } = await listenOn('127.0.0.1');
    const names = await namesFrom((_name, type) => (type === 'A' ? ipv4 : ipv6));
    const resolve = resolveByDns({ connectMs, servers: [names.address] });
    const request = get(
      publicConnector({ connectMs, resolve }),
      `http://inside.example.com:${port}/`,
    );
    expect(await outcomeOf(request)).toBe('BlockedAddressError');
    expect(connected).toEqual([]);
    expect(names.asked.toSorted()).toEqual(['inside.example.com A', 'inside.example.com AAAA']);
  });

  test('with allowed and other addresses is connected to at an allowed one, wherever it stands', async () => {
    const { port, connected } = await listenOn('127.0.0.1', '127.0.0.2');
    const names = await namesFrom((_name, type) =>
      type === 'A' ? ['127.0.0.1', '127.0.0.2'] : ['::1'],
    );
    const resolve = resolveByDns({ connectMs, servers: [names.address] });
    const connect = publicConnector({
      connectMs,
      resolve,
      isAllowed: (address) => address === '127.0.0.2',
    });
    expect(await get(connect, `http://mixed.example.com:${port}/`)).toBe('127.0.0.2');
    expect(connected).toEqual(['127.0.0.2']);
  });

  test('that answers differently the second time is connected to where it was checked, or not at all', async () => {
    const { port, connected } = await listenOn('127.0.0.1', '127.0.0.2');
    const answers = [['127.0.0.2'], ['127.0.0.1']];
    const names = await namesFrom((_name, type) => (type === 'A' ? (answers.shift() ?? []) : []));
    const resolve = resolveByDns({ connectMs, servers: [names.address] });
    const connect = publicConnector({
      connectMs,
      resolve,
      isAllowed: (address) => address === '127.0.0.2',
    });
    const url = `http://rebound.example.com:${port}/`;
    expect(await get(connect, url)).toBe('127.0.0.2');
    expect(names.asked.filter((question) => question.endsWith(' A'))).toHaveLength(1);
    expect(await outcomeOf(get(connect, url))).toBe('BlockedAddressError');
    expect(connected).toEqual(['127.0.0.2']);
  });

  test('is reached although its name server never says whether there is IPv6', async () => {
    const { port } = await listenOn('127.0.0.2');
    const names = await namesFrom((_name, type) => (type === 'A' ? ['127.0.0.2'] : undefined));
    const resolve = resolveByDns({ connectMs, servers: [names.address] });
    const connect = publicConnector({ connectMs, resolve, isAllowed: () => true });
    expect(await get(connect, `http://half.example.com:${port}/`)).toBe('127.0.0.2');
  });

  test('that nobody knows, or that nobody answers for, is an error', async () => {
    for (const answer of [[], undefined]) {
      const names = await namesFrom(() => answer);
      const resolve = resolveByDns({ connectMs: 100, servers: [names.address] });
      const connect = publicConnector({ connectMs, resolve, isAllowed: () => true });
      await expect(get(connect, 'http://none.example.com/')).rejects.toThrow();
    }
  });

  test('is asked of name servers, even if the machine’s hosts file has it', async () => {
    const names = await namesFrom(() => []);
    const resolve = resolveByDns({ connectMs, servers: [names.address] });
    const found = await new Promise((done) => resolve(hostname(), (_, all) => done(all)));
    expect(found).toEqual([]);
    expect(names.asked).toHaveLength(2);
  });

  test('leads to this machine by its own names: refused', async () => {
    const { port, connected } = await listenOn('127.0.0.1');
    const request = get(publicConnector({ connectMs }), `http://localhost:${port}/`);
    expect(await outcomeOf(request)).toBe('BlockedAddressError');
    expect(connected).toEqual([]);
  });
});

test('what a name server says is read as it is', async () => {
  const names = await namesFrom((_name, type) =>
    type === 'A' ? ['8.8.8.8'] : ['2606:4700::1111'],
  );
  const resolve = resolveByDns({ connectMs, servers: [names.address] });
  const found = await new Promise((done) => resolve('a.example.com', (_, all) => done(all)));
  expect(found).toEqual([
    { address: '8.8.8.8', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ]);
  expect((found as { address: string }[]).every(({ address }) => isPublicAddress(address))).toBe(
    true,
  );
});
