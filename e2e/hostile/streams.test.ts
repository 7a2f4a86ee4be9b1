import type { RefusalCode } from '@sealgate/contract';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  answer,
  chunk,
  completion,
  frame,
  frames,
  hangingStream,
  json,
  silence,
  startFakeUpstream,
  stream,
  type FakeUpstream,
  type Script,
} from '../fakes/upstream.ts';
import { startGateway, type Gateway } from '../harness.ts';
import { queryDatabase } from './gateway-database.ts';
import { residentBytes } from './process-memory.ts';
import { openConnection } from './raw-socket.ts';
import { expectRefusal } from './refusal-envelope.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const SECRET_WORDS = 'the upstream said upstream-key';

let upstream: FakeUpstream;
let gateway: Gateway;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({
    yaml: manyModels(),
    env: { SEALGATE_UPSTREAM_CONNECTIONS: '1000' },
  });
});
afterAll(() => upstream.close());
let model = '';
let used = 0;
beforeEach(() => {
  // A model of its own for each test: what one has broken, the breaker remembers.
  used += 1;
  model = `fake/model-${used}`;
  upstream.received.length = 0;
  upstream.always(answer('Hello!'));
});

const body = (changes: object = {}): string =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], ...changes });

const ask = (changes: object = {}, signal?: AbortSignal): Promise<Response> =>
  fetch(`${gateway.url()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}` },
    body: body(changes),
    ...(signal && { signal }),
  });

async function rawOf(asked: Promise<Response>) {
  const got = await asked;
  return {
    status: got.status,
    headers: Object.fromEntries(got.headers),
    body: await got.text(),
  };
}

const lastFrame = (text: string): unknown =>
  JSON.parse(
    text
      .trimEnd()
      .split('\n\n')
      .at(-1)
      ?.replace(/^data: /, '') ?? '',
  );

interface Row {
  readonly outcome: string;
  readonly status: number;
  readonly output_tokens: number;
  readonly cost_nano: string;
}

/** The rows of the current test's model; usage gets to the database a moment after the answer. */
const rows = (): Promise<readonly Row[]> =>
  queryDatabase<Row>(
    gateway,
    'select outcome, status, output_tokens, cost_nano from generations where model_asked = $1 order by id',
    [model],
  );

describe('a stream that breaks', () => {
  const words = frames(['one ', 'two ']);
  const begun = words.slice(0, 3);
  test.each<[string, Script, RefusalCode?]>([
    ['is cut', stream(begun, { isCut: true })],
    ['ends too early', stream(begun)],
    ['ends with an error', stream([...begun, frame({ error: { message: SECRET_WORDS } })])],
    [
      'has an error and goes on',
      stream([...begun, frame({ error: { message: SECRET_WORDS } }), ...words.slice(3)]),
    ],
    [
      'has an error and never ends',
      hangingStream([...begun, frame({ error: { message: SECRET_WORDS } })]),
    ],
    ['has a frame of garbage', stream([...begun, 'data: {"usage": {"a\n\n', ...words.slice(3)])],
    ['never gets on', hangingStream(begun), 'upstream_timeout'],
  ])(
    'that %s: an error frame, no [DONE], and nothing to pay',
    async (_name, script, code = 'upstream_error') => {
      upstream.always(script);
      const { status, body: text } = await rawOf(ask({ stream: true }));
      expect(status).toBe(200);
      expect(text).not.toContain('[DONE]');
      expect(text).not.toContain(SECRET_WORDS);
      expect(lastFrame(text)).toMatchObject({
        error: { type: 'upstream_error', param: null, code },
      });
      expect(upstream.received).toHaveLength(1);
      await expect
        .poll(rows)
        .toEqual([{ outcome: 'failed', status: 200, output_tokens: 0, cost_nano: '0' }]);
    },
  );

  test('the end is passed on at once, also where the upstream keeps the connection open', async () => {
    upstream.always(hangingStream(frames(['Hello!'])));
    const { body: text } = await rawOf(ask({ stream: true }));
    expect(text).toMatch(/"nexevo":\{[^\n]*\n\ndata: \[DONE\]\n\n$/);
    await expect.poll(rows).toMatchObject([{ outcome: 'success', output_tokens: 1 }]);
  });

  test('a host whose streams break is not asked for ever', async () => {
    upstream.always(stream(begun, { isCut: true }));
    for (let count = 0; count < 5; count += 1) await rawOf(ask({ stream: true }));
    expectRefusal(await rawOf(ask({ stream: true })), {
      status: 503,
      code: 'no_upstream_available',
    });
    expect(upstream.received).toHaveLength(5);
  });
});

describe('an upstream that does not stop', () => {
  const flood =
    (contentType: string, start: string): Script =>
    async (_request, response) => {
      response.writeHead(200, { 'content-type': contentType });
      const endless = function* (): Generator<string> {
        yield start;
        for (;;) yield 'a'.repeat(MEBIBYTE);
      };
      // That the gateway hangs up is what is wanted.
      await pipeline(Readable.from(endless()), response).catch(() => undefined);
    };

  test('in a whole answer gets cut off, and the caller 502', async () => {
    upstream.always(flood('application/json', '{"choices": ["'));
    const { pid } = gateway.running().child;
    const before = await residentBytes(pid);
    expectRefusal(await rawOf(ask()), { status: 502, code: 'upstream_error' });
    await upstream.received[0]?.closed;
    expect((await residentBytes(pid)) - before).toBeLessThan(200 * MEBIBYTE);
  });

  test('in one frame of a stream gets cut off, and the caller an error frame', async () => {
    upstream.always(flood('text/event-stream', 'data: {"'));
    const { body: text } = await rawOf(ask({ stream: true }));
    expect(text.length).toBeLessThan(KIBIBYTE);
    expect(lastFrame(text)).toMatchObject({ error: { code: 'upstream_error' } });
    await upstream.received[0]?.closed;
  });
});

test('a model whose name no header can hold is answered like any other', async () => {
  model = 'fake/modèle-日本';
  for (const isStream of [false, true]) {
    const got = await rawOf(ask({ stream: isStream }));
    expect(got.status).toBe(200);
    expect(got.body).toContain('Hello!');
    expect(decodeURI(got.headers['x-nexevo-model-used'] ?? '')).toBe(model);
    expect(decodeURI(got.headers['x-nexevo-models-tried'] ?? '')).toBe(model);
  }
});

describe('a caller that leaves', () => {
  test('during a stream: the upstream is let go, and what was generated is charged as aborted', async () => {
    upstream.always(hangingStream(frames(['one ', 'two ']).slice(0, 3)));
    const leaving = new AbortController();
    const answered = await ask({ stream: true }, leaving.signal);
    const reader = answered.body?.getReader();
    await reader?.read();
    leaving.abort();
    await upstream.received[0]?.closed;
    await expect.poll(rows).toMatchObject([{ outcome: 'aborted', status: 499 }]);
    const [row] = await rows();
    expect(row?.output_tokens).toBeGreaterThan(0);
    expect(BigInt(row?.cost_nano ?? 0)).toBeGreaterThan(0n);
  });

  test('while the model thinks: the upstream is let go, and what it has read is charged', async () => {
    const asked = new Promise<void>((resolve) => {
      upstream.always(() => resolve());
    });
    const leaving = new AbortController();
    const answered = ask({}, leaving.signal).catch(() => undefined);
    await asked;
    leaving.abort();
    await answered;
    await upstream.received[0]?.closed;
    await expect
      .poll(rows)
      .toMatchObject([{ outcome: 'aborted', output_tokens: 0, cost_nano: INPUT_ONLY_NANO }]);
  });
});

/** The word "Hi" and what stands around a message, at a dollar per million tokens and five per cent. */
const INPUT_ONLY_NANO = String(((1 + 4) * 1_000 * 105) / 100);

describe('readers that do not read', () => {
  const STREAMS = 500;
  const FLOODS = 20;
  const FLOOD_BYTES = 64 * MEBIBYTE;
  const MAX_GROWTH_BYTES = 200 * MEBIBYTE;

  test(`${STREAMS} of them cost bounded memory, and everybody else is served`, async () => {
    const piece = chunk({ content: 'a'.repeat(16 * KIBIBYTE) });
    let pushedBytes = 0;
    const push = async (response: ServerResponse, wantedBytes: number): Promise<void> => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let sent = 0; sent < wantedBytes; sent += piece.length) {
        pushedBytes += piece.length;
        if (!response.write(piece)) await once(response, 'drain').catch(() => undefined);
        if (response.destroyed) return;
      }
    };
    let streams = 0;
    upstream.always((request, response) => {
      if (request.body['stream'] !== true) return answer('Hello!')(request, response);
      streams += 1;
      void push(response, streams <= FLOODS ? FLOOD_BYTES : piece.length);
    });
    const { pid } = gateway.running().child;
    const before = await residentBytes(pid);

    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.key}\r\n`;
    const text = body({ model: 'patient/model-1', stream: true });
    const request = `${head}Content-Length: ${text.length}\r\n\r\n${text}`;
    const readers = await Promise.all(
      Array.from({ length: STREAMS }, async () => {
        const { socket } = await openConnection(gateway.url());
        socket.write(request);
        await once(socket, 'data');
        socket.pause();
        return socket;
      }),
    );
    expect(streams).toBe(STREAMS);
    await untilUnchanged(() => pushedBytes);

    // Kernels hold a few megabytes for each connection; all else must have stayed where it came from.
    expect(pushedBytes).toBeLessThan((FLOODS * FLOOD_BYTES) / 2);
    expect((await residentBytes(pid)) - before).toBeLessThan(MAX_GROWTH_BYTES);
    expect((await ask()).status).toBe(200);
    for (const socket of readers) socket.destroy();
    await Promise.all(upstream.received.map(({ closed }) => closed));
  });
});

describe('an upstream that stumbles', () => {
  test.each<[string, Script]>([
    ['answers 500', json(500, { error: { message: SECRET_WORDS } })],
    ['answers 503', json(503, {})],
    ['closes the connection', (_request, response) => void response.destroy()],
    ['answers garbage', (_request, response) => void response.end('<html>')],
    ['answers something else', json(200, { object: 'list' })],
    ['answers nothing', stream([])],
    ['begins with an error', stream([frame({ error: { message: SECRET_WORDS } })])],
  ])('once and %s is asked again, and nobody notices', async (_name, script) => {
    for (const isStream of [false, true]) {
      upstream.next(script);
      const got = await rawOf(ask({ stream: isStream }));
      expect(got.status).toBe(200);
      expect(got.body).toContain('Hello!');
      expect(got.headers['x-nexevo-models-tried']).toBe(model);
    }
    await expect.poll(rows).toHaveLength(2);
  });

  test('for good gets 502 in our own words', async () => {
    upstream.always(json(500, { error: { message: SECRET_WORDS } }));
    for (const isStream of [false, true]) {
      const got = await rawOf(ask({ stream: isStream }));
      expectRefusal(got, { status: 502, code: 'upstream_error' });
      expect(JSON.stringify(got)).not.toContain('upstream-key');
    }
  });

  test('is replaced by the next of `models`', async () => {
    const other = `${model}-b`;
    upstream.always((request, response) =>
      (request.body['model'] === model.slice('fake/'.length)
        ? json(500, {})
        : answer('I am the other one'))(request, response),
    );
    for (const isStream of [false, true]) {
      const got = await rawOf(ask({ stream: isStream, models: ['fake/no-such', other] }));
      expect(got.status).toBe(200);
      expect(got.headers['x-nexevo-models-tried']).toBe(`${model},${other}`);
      expect(got.headers['x-nexevo-model-used']).toBe(other);
    }
  });

  test('by keeping silent gets 504', async () => {
    upstream.always(silence);
    for (const isStream of [false, true])
      expectRefusal(await rawOf(ask({ stream: isStream })), {
        status: 504,
        code: 'upstream_timeout',
      });
    await expect
      .poll(rows)
      .toMatchObject([{ outcome: 'timeout' }, { outcome: 'timeout', cost_nano: '0' }]);
  });

  test('with 429 is passed on, with its Retry-After', async () => {
    upstream.always(json(429, { error: { message: SECRET_WORDS } }, { 'retry-after': '7' }));
    const got = await rawOf(ask());
    expectRefusal(got, { status: 429, code: 'rate_limit_exceeded' });
    expect(got.headers['retry-after']).toBe('7');
    expect(JSON.parse(got.body).error.limit_source).toBe('upstream');
    expect(got.body).not.toContain(SECRET_WORDS);
    expect(upstream.received).toHaveLength(1);
  });

  test.each([401, 402, 403, 404])(
    'with %i: that is between it and us, so 502 without a word or key of it',
    async (status) => {
      upstream.always((request, response) =>
        json(status, {
          error: { message: `${SECRET_WORDS} ${request.headers.authorization}` },
        })(request, response),
      );
      const got = await rawOf(ask());
      expectRefusal(got, { status: 502, code: 'upstream_error' });
      expect(JSON.stringify(got)).not.toContain('upstream-key');
      expect(upstream.received[0]?.headers.authorization).toBe('Bearer upstream-key');
      expect(upstream.received[0]?.headers).not.toHaveProperty('x-request-id');
    },
  );

  test('five times is left alone for a while', async () => {
    upstream.always(json(500, {}));
    for (let count = 0; count < 3; count += 1) await rawOf(ask());
    const asked = upstream.received.length;
    const got = await rawOf(ask());
    expectRefusal(got, { status: 503, code: 'no_upstream_available' });
    expect(Number(got.headers['retry-after'])).toBeGreaterThan(0);
    expect(upstream.received).toHaveLength(asked);
  });

  test('never gets to see the caller’s key', async () => {
    await ask();
    expect(JSON.stringify(upstream.received)).not.toContain(gateway.key);
  });
});

describe('an upstream of Anthropic’s kind', () => {
  const tools = [
    { type: 'function', function: { name: 'add', parameters: { type: 'object' } } },
  ] as const;
  const usage = { input_tokens: 11, output_tokens: 7 };
  beforeEach(() => {
    model = `claude/model-${used}`;
  });

  test('answers whole, with tools', async () => {
    upstream.always(
      json(200, {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [
          { type: 'text', text: 'Let me see.' },
          { type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 1 } },
        ],
        stop_reason: 'tool_use',
        usage,
      }),
    );
    const got = await rawOf(ask({ tools }));
    expect(got.status).toBe(200);
    expect(JSON.parse(got.body)).toMatchObject({
      object: 'chat.completion',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: 'Let me see.',
            tool_calls: [{ id: 'toolu_1', function: { name: 'add', arguments: '{"a":1}' } }],
          },
        },
      ],
      usage: { prompt_tokens: 11, completion_tokens: 7 },
      nexevo: { model_used: model },
    });
    const [request] = upstream.received;
    expect(request).toMatchObject({
      path: '/v1/messages',
      headers: { 'x-api-key': 'upstream-key' },
      body: { messages: [{ role: 'user' }], tools: [{ name: 'add' }] },
    });
    expect(request?.headers.authorization).toBeUndefined();
  });

  const event = (data: { readonly type: string }): string =>
    `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [] };
  const begun = [
    event({ type: 'message_start', message: { ...message, usage } } as { type: string }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as {
      type: string;
    }),
    event({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'Hello!' },
    } as { type: string }),
  ];
  const ended = [
    event({ type: 'content_block_stop', index: 0 } as { type: string }),
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage } as {
      type: string;
    }),
    event({ type: 'message_stop' }),
  ];

  test('streams, whatever pieces its bytes come in', async () => {
    const bytes = [...begun, ...ended].join('');
    upstream.always(stream(bytes.match(/[^]{1,7}/g) ?? []));
    const { body: text } = await rawOf(
      ask({ stream: true, stream_options: { include_usage: true } }),
    );
    expect(text).toContain('"content":"Hello!"');
    expect(text).toMatch(/"completion_tokens":7/);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    await expect.poll(rows).toMatchObject([{ outcome: 'success', output_tokens: 7 }]);
  });

  test.each<[string, Script]>([
    ['is cut', stream(begun, { isCut: true })],
    [
      'ends with an error',
      stream([
        ...begun,
        event({ type: 'error', error: { type: 'overloaded_error', message: SECRET_WORDS } } as {
          type: string;
        }),
      ]),
    ],
    ['has garbage', stream([...begun, 'event: content_block_delta\ndata: {"a\n\n', ...ended])],
  ])('that %s: an error frame and no [DONE]', async (_name, script) => {
    upstream.always(script);
    const { body: text } = await rawOf(ask({ stream: true }));
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain(SECRET_WORDS);
    expect(lastFrame(text)).toMatchObject({ error: { type: 'upstream_error' } });
  });

  test('that cannot take a request: 400 that names the field', async () => {
    const got = await rawOf(
      ask({ messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }),
    );
    expectRefusal(got, { status: 400, code: 'invalid_request_error' });
    expect(JSON.parse(got.body).error.param).toMatch(/^messages/);
    expect(upstream.received).toHaveLength(0);
  });
});

test('a whole answer is passed on as it is, whatever else is in it', async () => {
  upstream.always(json(200, completion('Hello!', { system_fingerprint: 'fp', unknown: [1] })));
  expect(JSON.parse((await rawOf(ask())).body)).toMatchObject({
    system_fingerprint: 'fp',
    unknown: [1],
  });
});

async function untilUnchanged(read: () => number): Promise<void> {
  let last = -1;
  await expect
    .poll(
      () => {
        const isSame = read() === last;
        last = read();
        return isSame;
      },
      { interval: 300, timeout: 25_000 },
    )
    .toBe(true);
}

/** One host under two dialects, with so many models that no test needs one of another's. */
function manyModels(): string {
  const names = Array.from({ length: 60 }, (_, index) => `model-${index + 1}`);
  const models = [...names, ...names.map((name) => `${name}-b`), 'modèle-日本'].map(
    (name) => `      - { id: ${name}, price: { input: 1, output: 2 } }`,
  );
  const upstreamOf = (id: string, kind: string, timeouts: string): string => `
  - id: ${id}
    kind: ${kind}
    base_url: ${upstream.url}
    api_key: upstream-key
    trust: local
    timeouts: {${timeouts}}
    models:
${models.join('\n')}`;
  const short = ' first_byte_ms: 400, idle_ms: 400 ';
  // The budget of retries is that of the host: all tests share it.
  return `resilience: { retries: { budget_percent: 100 } }\nupstreams:${[
    upstreamOf('fake', 'openai', short),
    upstreamOf('claude', 'anthropic', short),
    upstreamOf('patient', 'openai', ''),
  ].join('')}\n`;
}
