import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../apps/gateway/src/http/index.ts';
import { send, type RawRoute } from '../../apps/gateway/src/http/raw/exchange.ts';
import { readBody } from '../../apps/gateway/src/http/raw/read-body.ts';
import { startFakeUpstream, type FakeUpstream } from '../fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from '../harness.ts';
import { openConnection, parseAnswer, say, sayAndHangUp } from './raw-socket.ts';
import { expectRefusal, isRefusalCode } from './refusal-envelope.ts';

const CHAT = '/v1/chat/completions';
const MEBIBYTE = 1024 * 1024;

let upstream: FakeUpstream;
let gateway: Gateway;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({ yaml: yamlFor(upstream) });
});
afterAll(() => upstream.close());

const post = (path: string, headers: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.key}\r\n${headers}\r\n`;

const chat = (): Promise<Response> =>
  fetch(`${gateway.url()}${CHAT}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ model: 'fake/model-a', messages: [{ role: 'user', content: 'Hi' }] }),
  });

describe('slow callers', () => {
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));

  /** The gateway's own server, less patient than in earnest. */
  async function impatientServer(route: RawRoute): Promise<string> {
    const server = createHttpServer({
      rawRoutes: { '/slow': route },
      fetch: () => new Response('other'),
      surroundings: {
        callerAddress: () => 'test',
        corsHeaders: () => ({}),
        now: Date.now,
        onRequestEnd: () => undefined,
      },
      timeouts: { headersMs: 200, requestMs: 300, stalledReaderMs: 200, checkEveryMs: 20 },
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const echo: RawRoute = async (exchange) => {
    const body = await readBody(exchange.request, 100);
    send(exchange, { status: 200, headers: { connection: 'close' }, body });
  };

  test('who never ends the headers gets 408 and is cut off', async () => {
    const url = await impatientServer(echo);
    expectRefusal(parseAnswer(await say(url, 'POST /slow HTTP/1.1\r\nHost: x\r\nX-A: ')), {
      status: 408,
      code: 'request_timeout',
    });
  });

  test('who drips headers byte by byte is cut off all the same', async () => {
    const { socket, closed } = await openConnection(await impatientServer(echo));
    socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nX-A: ');
    const drip = setInterval(() => socket.write('a'), 10);
    const answer = await closed;
    clearInterval(drip);
    expectRefusal(parseAnswer(answer), { status: 408, code: 'request_timeout' });
  });

  test('who drips the body byte by byte gets 408 and is cut off', async () => {
    const { socket, closed } = await openConnection(await impatientServer(echo));
    socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n');
    const drip = setInterval(() => socket.write('a'), 25);
    const answer = await closed;
    clearInterval(drip);
    expectRefusal(parseAnswer(answer), { status: 408, code: 'request_timeout' });
  });

  test('who takes nothing of an answer is cut off', async () => {
    let answer: ServerResponse | undefined;
    const url = await impatientServer(async ({ response }) => {
      answer = response.end(Buffer.alloc(64 * MEBIBYTE));
    });
    const { socket } = await openConnection(url);
    socket.pause();
    socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    await expect.poll(() => answer?.destroyed, { timeout: 5_000 }).toBe(true);
    socket.destroy();
  });

  test('who waits for a model that thinks longer than that is not cut off', async () => {
    const url = await impatientServer(async (exchange) => {
      await once(exchange.response, 'timeout');
      send(exchange, { status: 200, headers: { connection: 'close' }, body: 'thought' });
    });
    const answer = await say(url, 'POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    expect(parseAnswer(answer)).toMatchObject({ status: 200, body: 'thought' });
  });

  test('three hundred half requests do not keep anybody else waiting', async () => {
    const halves = await Promise.all(
      Array.from({ length: 300 }, () => openConnection(gateway.url())),
    );
    halves.forEach(({ socket }, index) =>
      socket.write(
        index % 2 === 0
          ? `POST ${CHAT} HTTP/1.1\r\nX-A: `
          : post(CHAT, 'Content-Length: 1000\r\n') + '{"model": ',
      ),
    );
    expect((await chat()).status).toBe(200);
    halves.forEach(({ socket }) => socket.destroy());
  });
});

describe('large requests', () => {
  test.each([
    [CHAT, 32 * MEBIBYTE],
    ['/v1/embeddings', 8 * MEBIBYTE],
    ['/v1/chat/secure_completion', 14_000_000],
  ])('%s takes no more than %i bytes, announced or not', async (path, limit) => {
    const headers = { authorization: `Bearer ${gateway.key}` };
    const tooLarge = Buffer.alloc(limit + MEBIBYTE, 0x20);
    const unannounced = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < tooLarge.length; at += 65_536)
          controller.enqueue(tooLarge.subarray(at, at + 65_536));
        controller.close();
      },
    });
    for (const body of [tooLarge, unannounced]) {
      const request = { method: 'POST', headers, body, duplex: 'half' };
      const answer = await fetch(`${gateway.url()}${path}`, request);
      expectRefusal(await rawOf(answer), { status: 413, code: 'payload_too_large' });
    }
  });

  test('a caller without a key is refused before its body is read', async () => {
    const head = `POST ${CHAT} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`;
    const { socket, closed } = await openConnection(gateway.url());
    socket.write(head);
    const [first] = (await once(socket, 'data')) as [Buffer];
    expectRefusal(parseAnswer(first.toString()), { status: 401, code: 'invalid_api_key' });
    // Who goes on sending nevertheless is cut off soon.
    await closed;
  });

  test('a body that goes on after its refusal does not reset the connection before the answer is read', async () => {
    const { socket, closed } = await openConnection(gateway.url());
    socket.write(post(CHAT, `Content-Length: ${60 * MEBIBYTE}\r\n`));
    for (let sent = 0; sent < 60; sent += 1) socket.write(Buffer.alloc(MEBIBYTE, 0x20));
    socket.end();
    expectRefusal(parseAnswer(await closed), { status: 413, code: 'payload_too_large' });
  });

  test('headers beyond 32 KB get 431', async () => {
    const answer = await say(
      gateway.url(),
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(33_000)}\r\n\r\n`,
    );
    expectRefusal(parseAnswer(answer), { status: 431, code: 'headers_too_large' });
  });

  test('endless chunk extensions get 413', async () => {
    const answer = await say(
      gateway.url(),
      post(CHAT, 'Transfer-Encoding: chunked\r\n') + `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    );
    expectRefusal(parseAnswer(answer), { status: 413, code: 'payload_too_large' });
  });
});

describe('requests that are none', () => {
  const chunked = 'Transfer-Encoding: chunked\r\n';
  test.each([
    ['a length and chunks at once', `Content-Length: 5\r\n${chunked}\r\n0\r\n\r\nGET /`],
    ['chunks and a length at once', `${chunked}Content-Length: 5\r\n\r\n0\r\n\r\nGET /`],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}   '],
    ['a length that is no number', 'Content-Length: 5x\r\n\r\n{}   '],
    ['a negative length', 'Content-Length: -1\r\n\r\n{}'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n\r\n{}'],
    ['chunks that are not the last coding', 'Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 2\r\n\r\n{}'],
    ['a folded header', 'X-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}'],
    ['a line that ends in LF only', 'X-A: b\nContent-Length: 2\r\n\r\n{}'],
    ['a NUL in a header', 'X-A: \0\r\nContent-Length: 2\r\n\r\n{}'],
    ['a chunk length that is no number', `${chunked}\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['a chunk that is longer than it says', `${chunked}\r\n2\r\n{}xx\r\n0\r\n\r\n`],
  ])('%s is refused and nothing behind it is read', async (_name, rest) => {
    upstream.received.length = 0;
    const start = `POST ${CHAT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.key}\r\n`;
    const answer = parseAnswer(await say(gateway.url(), start + rest));
    expectRefusal(answer, { status: 400, code: 'invalid_request_error' });
    expect(answer.body).not.toContain('HTTP/1.1');
    expect(upstream.received).toHaveLength(0);
  });

  test('garbage after a good request ends the connection', async () => {
    const answer = await say(
      gateway.url(),
      `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03\x01garbage`,
    );
    expect(answer.split('HTTP/1.1 ').length).toBeLessThanOrEqual(3);
    expect(answer).toMatch(/HTTP\/1\.1 400 [^]*invalid_request_error/);
  });

  test('garbage during an answer does not get into it', async () => {
    upstream.next((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
    });
    const body = JSON.stringify({
      model: 'fake/model-a',
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    const { socket, closed } = await openConnection(gateway.url());
    socket.write(post(CHAT, `Content-Length: ${body.length}\r\n`) + body);
    await once(socket, 'data');
    socket.write('\x16\x03\x01garbage\r\n\r\n');
    const answer = await closed;
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).not.toContain('invalid_request_error');
  });

  test.each([
    ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a Host that is none', 'GET /healthz HTTP/1.1\r\nHost: a b@/\r\nConnection: close\r\n\r\n'],
    ['a target that is none', 'GET http:///// HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['HTTP/2 in the clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s gets our 400', async (_name, text) => {
    expectRefusal(parseAnswer(await say(gateway.url(), Buffer.from(text, 'latin1'))), {
      status: 400,
      code: 'invalid_request_error',
    });
  });

  test('a path that does not exist and a method that does not get a trace id too', async () => {
    for (const [method, path, code] of [
      ['GET', '/nothing', 'not_found'],
      ['DELETE', CHAT, 'method_not_allowed'],
    ] as const) {
      const answer = await fetch(`${gateway.url()}${path}`, { method });
      expect(answer.headers.get('x-trace-id')).toMatch(/^req_/);
      expect(await answer.json()).toMatchObject({ error: { code } });
    }
    await expect.poll(() => gateway.log()).toMatch(/"refusal":"not_found".*"status":404/);
  });
});

describe('whatever is sent', () => {
  const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'TRACE', 'DELETE'] as const;
  const PATHS = [
    CHAT,
    '/v1/embeddings',
    '/v1/chat/secure_completion',
    '/v1/models',
    '/v1/models/',
    '/metrics',
    '/',
  ];
  const visible = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map(toCharacter) });
  const path = fc.oneof(
    fc.constantFrom(...PATHS),
    fc.tuple(fc.constantFrom(...PATHS), visible).map((parts) => parts.join('')),
    visible.map((text) => `/${text}`),
  );
  const header = fc.tuple(
    fc.oneof(
      fc.constantFrom(
        'Authorization',
        'Content-Type',
        'Origin',
        'X-Forwarded-For',
        'X-Payload-ID',
        'X-Public-Key',
        'X-Security-Tier',
        'Expect',
        'Accept-Encoding',
        'Range',
      ),
      fc.stringMatching(/^X-[A-Za-z]{1,10}$/),
    ),
    fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map(toCharacter), maxLength: 40 }),
  );
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    chatLike().map((value) => Buffer.from(JSON.stringify(value))),
  );

  test('every well-framed request gets one answer: documented, never 5xx, in our envelope', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          method: fc.constantFrom(...METHODS),
          path,
          headers: fc.array(header, { maxLength: 4 }),
          body,
          hasKey: fc.boolean(),
        }),
        async (request) => {
          const lines = [
            `${request.method} ${request.path} HTTP/1.1`,
            'Host: x',
            'Connection: close',
            `Content-Length: ${request.body.length}`,
            ...(request.hasKey ? [`Authorization: Bearer ${gateway.key}`] : []),
            ...request.headers.map(([name, value]) => `${name}: ${value}`),
          ];
          const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
          const text = await say(gateway.url(), Buffer.concat([head, request.body]));
          const answer = parseAnswer(text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''));
          expect(answer.status).toBeLessThan(500);
          if (answer.status < 400 || request.method === 'HEAD') return;
          expect(isRefusalCode(JSON.parse(answer.body).error.code)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('random bytes get our 400 or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const text = await sayAndHangUp(gateway.url(), Buffer.from(bytes));
        if (text !== '') expectRefusal(parseAnswer(text), { status: 400 });
      }),
      { numRuns: 200 },
    );
  });

  test('and afterwards the gateway serves as before', async () => {
    expect((await chat()).status).toBe(200);
    expect(gateway.log()).not.toContain('"level":"error"');
  });
});

/** Chat bodies whose fields have the right names and any value. */
function chatLike(): fc.Arbitrary<object> {
  const anything = fc.jsonValue({ maxDepth: 2 });
  return fc.record(
    {
      model: fc.oneof(fc.constantFrom('fake/model-a', 'nexevo/auto:fast', 'nope'), anything),
      models: anything,
      messages: fc.oneof(
        anything,
        fc.array(fc.record({ role: fc.constant('user'), content: anything })),
      ),
      stream: fc.oneof(fc.boolean(), anything),
      stream_options: anything,
      tools: anything,
      max_tokens: anything,
      max_price: anything,
      provider: anything,
      response_format: anything,
      input: anything,
    },
    { requiredKeys: [] },
  );
}

function toCharacter(code: number): string {
  return String.fromCharCode(code);
}

async function rawOf(answer: Response) {
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: await answer.text(),
  };
}
