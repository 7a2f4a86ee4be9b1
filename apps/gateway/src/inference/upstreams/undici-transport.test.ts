import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createSocketServer,
  type AddressInfo,
  type Server as SocketServer,
} from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Upstream } from './model.ts';
import { upstreamOf } from './testing.ts';
import type { Exchange, ExchangeSink, Transport, UpstreamFailure } from './transport.ts';
import { createTransport } from './undici-transport.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function openTransport(maxConnectionsPerUpstream = 8): Transport {
  const transport = createTransport({ maxConnectionsPerUpstream });
  cleanUps.push(() => transport.close());
  return transport;
}

async function listen(server: Server | SocketServer, path?: string): Promise<Upstream> {
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(path, resolve);
  });
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  );
  if (path !== undefined) return upstreamOf({ baseUrl: 'http://local/v1', socketPath: path });
  return upstreamOf({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
}

const serve = (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  path?: string,
): Promise<Upstream> => listen(createServer(answer), path);

interface Outcome {
  readonly status: number | undefined;
  readonly text: string;
  readonly failure: UpstreamFailure | undefined;
}

interface Running {
  readonly exchange: Exchange;
  readonly outcome: Promise<Outcome>;
  readonly firstData: Promise<void>;
  readonly calls: string[];
}

const REQUEST = { path: '/chat/completions', headers: { 'x-test': 'yes' }, body: '{"a":"é"}' };

function send(
  transport: Transport,
  upstream: Upstream,
  onData: (chunk: Buffer) => boolean = () => true,
  mostMs?: number,
): Running {
  const calls: string[] = [];
  const pieces: Buffer[] = [];
  let status: number | undefined;
  let seeData = (): void => {};
  const firstData = new Promise<void>((resolve) => (seeData = resolve));
  let exchange: Exchange | undefined;
  const outcome = new Promise<Outcome>((resolve) => {
    const end = (failure: UpstreamFailure | undefined): void =>
      resolve({ status, text: Buffer.concat(pieces).toString(), failure });
    const sink: ExchangeSink = {
      onHead(code) {
        calls.push('head');
        status = code;
      },
      onData(chunk) {
        calls.push('data');
        pieces.push(chunk);
        seeData();
        return onData(chunk);
      },
      onEnd() {
        calls.push('end');
        end(undefined);
      },
      onFailure(failure) {
        calls.push('failure');
        end(failure);
      },
    };
    exchange = transport.send(upstream, REQUEST, sink, mostMs);
  });
  if (!exchange) throw new Error('impossible: no exchange');
  return { exchange, outcome, firstData, calls };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

describe('an answered exchange', () => {
  test('delivers method, path, headers and body, and brings the answer back', async () => {
    const upstream = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        response.writeHead(201, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({
            method: request.method,
            url: request.url,
            test: request.headers['x-test'],
            body,
          }),
        );
      });
    });
    const { outcome, calls } = send(openTransport(), upstream);
    const { status, text, failure } = await outcome;
    expect(failure).toBeUndefined();
    expect(status).toBe(201);
    expect(JSON.parse(text)).toEqual({
      method: 'POST',
      url: '/v1/chat/completions',
      test: 'yes',
      body: REQUEST.body,
    });
    expect(calls.filter((call) => call !== 'data')).toEqual(['head', 'end']);
  });

  test('reuses a connection', async () => {
    const sockets = new Set<unknown>();
    const upstream = await serve((request, response) => {
      sockets.add(request.socket);
      response.end('ok');
    });
    const transport = openTransport();
    await send(transport, upstream).outcome;
    // undici offers a connection again one turn of the event loop after its answer ended.
    await setImmediate();
    await send(transport, { ...upstream, id: 'the same host in a newer catalogue' }).outcome;
    expect(sockets.size).toBe(1);
  });

  test('does not follow a redirect', async () => {
    let requests = 0;
    const upstream = await serve((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const { status } = await send(openTransport(), upstream).outcome;
    expect(status).toBe(302);
    expect(requests).toBe(1);
  });

  test('goes through a unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sealgate-'));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const upstream = await serve((_request, response) => response.end('local'), join(folder, 's'));
    expect((await send(openTransport(), upstream).outcome).text).toBe('local');
  });

  test('requests beyond the connection limit wait for their turn', async () => {
    let waiting: ServerResponse | undefined;
    const upstream = await serve((_request, response) => {
      if (waiting) response.end('second');
      else waiting = response;
    });
    const transport = openTransport(1);
    const first = send(transport, upstream);
    const second = send(transport, upstream);
    await expect.poll(() => waiting).toBeDefined();
    waiting?.end('first');
    expect((await first.outcome).text).toBe('first');
    expect((await second.outcome).text).toBe('second');
  });
});

describe('backpressure', () => {
  test('a sink that asks for a pause gets nothing until it resumes, and the upstream is held back', async () => {
    const total = 64 * 1024 * 1024;
    let written = 0;
    const piece = Buffer.alloc(64 * 1024, 'x');
    const upstream = await serve((_request, response) => {
      const write = (): void => {
        while (written < total) {
          written += piece.length;
          if (!response.write(piece)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    let isPaused = true;
    const running = send(openTransport(), upstream, () => !isPaused);
    await running.firstData;
    const seen = running.calls.length;
    let before = -1;
    // The sockets' buffers fill, then the upstream stands still.
    await expect
      .poll(
        () => {
          const stands = written === before;
          before = written;
          return stands;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(written).toBeLessThan(total);
    expect(running.calls).toHaveLength(seen);
    isPaused = false;
    running.exchange.resume();
    const { text, failure } = await running.outcome;
    expect(failure).toBeUndefined();
    expect(text).toHaveLength(total);
  });
});

describe('abort', () => {
  test('while the answer streams, closes the upstream’s connection and says nothing more', async () => {
    let closed: Promise<unknown> | undefined;
    const upstream = await serve((request, response) => {
      closed = once(request.socket, 'close');
      response.write('one');
    });
    const running = send(openTransport(), upstream);
    await running.firstData;
    running.exchange.abort();
    running.exchange.abort();
    running.exchange.resume();
    await closed;
    expect(running.calls).toEqual(['head', 'data']);
  });

  test('before the answer begins, closes the upstream’s connection', async () => {
    let arrive: (closed: Promise<unknown>) => void = () => {};
    const arrived = new Promise<{ closed: Promise<unknown> }>((resolve) => {
      arrive = (closed) => resolve({ closed });
    });
    const upstream = await serve((request) => arrive(once(request.socket, 'close')));
    const running = send(openTransport(), upstream);
    const { closed } = await arrived;
    running.exchange.abort();
    await closed;
    expect(running.calls).toEqual([]);
  });

  test('from inside onData ends the exchange', async () => {
    let closed: Promise<unknown> | undefined;
    const upstream = await serve((request, response) => {
      closed = once(request.socket, 'close');
      response.write('one');
      response.end('two');
    });
    const running: Running = send(openTransport(), upstream, () => {
      running.exchange.abort();
      return true;
    });
    await running.firstData;
    await closed;
    expect(running.calls).toEqual(['head', 'data']);
  });

  test('while waiting for a connection never reaches the upstream', async () => {
    const bodies: string[] = [];
    const held: ServerResponse[] = [];
    const upstream = await serve((request, response) => {
      bodies.push(request.url ?? '');
      held.push(response);
    });
    const transport = openTransport(1);
    const first = send(transport, upstream);
    const second = send(transport, upstream);
    const third = send(transport, upstream);
    await expect.poll(() => held.length).toBe(1);
    second.exchange.abort();
    held[0]?.end('first');
    await first.outcome;
    await expect.poll(() => held.length).toBe(2);
    held[1]?.end('third');
    expect((await third.outcome).text).toBe('third');
    expect(bodies).toHaveLength(2);
    expect(second.calls).toEqual([]);
  });
});

describe('failures', () => {
  test('nobody listens: connect', async () => {
    const server = createServer();
    const upstream = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const { failure } = await send(openTransport(), upstream).outcome;
    expect(failure).toMatchObject({ kind: 'connect', cause: { code: 'ECONNREFUSED' } });
  });

  test('a name that does not exist: connect', async () => {
    const upstream = upstreamOf({ baseUrl: 'http://does-not-exist.invalid/v1' });
    expect((await send(openTransport(), upstream).outcome).failure?.kind).toBe('connect');
  });

  test('reset before the head: broken', async () => {
    const upstream = await serve((request) => request.socket.resetAndDestroy());
    const { failure, status } = await send(openTransport(), upstream).outcome;
    expect(status).toBeUndefined();
    expect(failure?.kind).toBe('broken');
  });

  test('reset in the middle of a body: head and data, then broken', async () => {
    let reset = (): void => {};
    const upstream = await serve((request, response) => {
      reset = () => request.socket.resetAndDestroy();
      response.write('half');
    });
    const running = send(openTransport(), upstream);
    await running.firstData;
    reset();
    const { failure, status } = await running.outcome;
    expect(status).toBe(200);
    expect(failure?.kind).toBe('broken');
    expect(running.calls).toEqual(['head', 'data', 'failure']);
  });

  test('closed in the middle of a chunked body is not taken for its end', async () => {
    const upstream = await listen(
      createSocketServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
        );
      }),
    );
    const { failure, text } = await send(openTransport(), upstream).outcome;
    expect(text).toBe('half');
    expect(failure?.kind).toBe('broken');
  });

  test('an answer that is not HTTP: broken', async () => {
    const upstream = await listen(
      createSocketServer((socket) => {
        socket.on('error', () => {}).resume();
        socket.end('SSH-2.0-nothing\r\n');
      }),
    );
    const { failure } = await send(openTransport(), upstream).outcome;
    expect(failure?.kind).toBe('broken');
  });

  test('a request that cannot be sent fails the exchange, after send has returned', async () => {
    const upstream = await serve((_request, response) => response.end());
    const transport = openTransport();
    await send(transport, upstream).outcome;
    await transport.close();
    const running = send(transport, upstream);
    expect(running.calls).toEqual([]);
    expect((await running.outcome).failure?.kind).toBe('connect');
  });

  test('closing the transport breaks what is running', async () => {
    const upstream = await serve((_request, response) => void response.write('one'));
    const transport = openTransport();
    const running = send(transport, upstream);
    await running.firstData;
    await transport.close();
    expect((await running.outcome).failure?.kind).toBe('broken');
  });
});

describe('timeouts', () => {
  const short = (upstream: Upstream, timeouts: Partial<Upstream['timeouts']>): Upstream => ({
    ...upstream,
    timeouts: { ...upstream.timeouts, ...timeouts },
  });

  test('no first byte', async () => {
    let closed: Promise<unknown> | undefined;
    const upstream = await serve((request) => {
      closed = once(request.socket, 'close');
    });
    const { failure } = await send(openTransport(), short(upstream, { firstByteMs: 50 })).outcome;
    expect(failure).toEqual({ kind: 'timeout', phase: 'first-byte' });
    await closed;
  });

  test('a connection whose TLS handshake never ends', async () => {
    const server = createSocketServer((socket) => void socket.on('error', () => {}).resume());
    const { baseUrl } = await listen(server);
    const upstream = upstreamOf({ baseUrl: baseUrl.replace('http:', 'https:') });
    const { failure } = await send(openTransport(), short(upstream, { connectMs: 50 })).outcome;
    expect(failure).toEqual({ kind: 'timeout', phase: 'connect' });
  });

  test('a first byte that comes late but in time is no failure', async () => {
    const upstream = await serve((_request, response) => {
      setTimeout(() => response.end('late'), 100);
    });
    const { text } = await send(openTransport(), short(upstream, { firstByteMs: 5_000 })).outcome;
    expect(text).toBe('late');
  });

  test('silence in the middle of the answer', async () => {
    const upstream = await serve((_request, response) => void response.write('one'));
    const { failure, text } = await send(openTransport(), short(upstream, { idleMs: 50 })).outcome;
    expect(text).toBe('one');
    expect(failure).toEqual({ kind: 'timeout', phase: 'idle' });
  });

  test('an answer that never ends', async () => {
    let closed: Promise<unknown> | undefined;
    const upstream = await serve((request, response) => {
      const timer = setInterval(() => response.write('x'), 5);
      // Not `once` of node:events: it would take the reset that ends this for a failure.
      closed = new Promise((resolve) => {
        request.socket.once('close', resolve);
      }).then(() => clearInterval(timer));
    });
    const running = send(openTransport(), short(upstream, { totalMs: 100 }));
    expect((await running.outcome).failure).toEqual({ kind: 'timeout', phase: 'total' });
    await closed;
  });

  test('whoever sends a request may wait for less', async () => {
    const upstream = await serve((_request, response) => response.write('one'));
    const running = send(openTransport(), upstream, () => true, 100);
    expect((await running.outcome).failure).toEqual({ kind: 'timeout', phase: 'total' });
    const short = await serve((_request, response) => response.end('one'));
    const quick = send(openTransport(), short, () => true, 60_000);
    expect((await quick.outcome).text).toBe('one');
  });

  test('waiting for a connection counts towards the total', async () => {
    const upstream = await serve(() => {});
    const transport = openTransport(1);
    const first = send(transport, upstream);
    const second = send(transport, short(upstream, { totalMs: 50 }));
    expect((await second.outcome).failure).toEqual({ kind: 'timeout', phase: 'total' });
    first.exchange.abort();
  });
});

describe('addresses', () => {
  test.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '2130706433',
  ])('%s is refused unless the operator allowed it, without a connection', async (host) => {
    let connections = 0;
    const server = createSocketServer(() => (connections += 1));
    const { baseUrl } = await listen(server);
    const upstream = upstreamOf({
      baseUrl: `http://${host}:${new URL(baseUrl).port}/v1`,
      allowPrivateAddress: false,
    });
    const { failure } = await send(openTransport(), upstream).outcome;
    expect(failure?.kind).toBe('blocked-address');
    expect(connections).toBe(0);
  });

  test('what one upstream may reach, another on the same host may not', async () => {
    const allowed = await serve((_request, response) => response.end('ok'));
    const transport = openTransport();
    expect((await send(transport, allowed).outcome).text).toBe('ok');
    const refused = { ...allowed, allowPrivateAddress: false };
    expect((await send(transport, refused).outcome).failure?.kind).toBe('blocked-address');
  });
});
