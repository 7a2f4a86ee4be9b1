import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordingRuntime } from '../testing/recording-runtime.ts';
import { eventStream, hangUp, json, startScriptedServer } from '../testing/scripted-server.ts';
import type { ScriptedServer } from '../testing/scripted-server.ts';
import {
  APIConnectionError,
  APIError,
  APITimeoutError,
  AuthenticationError,
  ConflictError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitError,
  RequestAbortedError,
  Sealgate,
  ServerError,
  ServiceUnavailableError,
  TruncatedStreamError,
} from './index.ts';

const QUESTION = { model: 'nexevo/fast', messages: [{ role: 'user', content: 'Hi' }] } as const;
const ANSWER = { id: 'gen_1', object: 'chat.completion', choices: [], nexevo: { tier: 'fast' } };

let server: ScriptedServer;
let runtime: ReturnType<typeof recordingRuntime>;
let client: Sealgate;

beforeEach(async () => {
  server = await startScriptedServer();
  runtime = recordingRuntime();
  client = new Sealgate({ apiKey: 'sk-xc-1', baseURL: `${server.url}/v1/` }, runtime);
});
afterEach(() => server.close());

const chunk = (content: string): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ delta: { content } }] })}\n\n`;

async function textOf(
  stream: AsyncIterable<{ choices: { delta: { content?: string | null } }[] }>,
) {
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
  return text;
}

describe('a call', () => {
  test('carries the body, the key and one media type to the path below the base URL', async () => {
    server.script.push(json(200, ANSWER));
    const answer = await client.chat.completions.create(QUESTION);

    expect(answer.nexevo?.tier).toBe('fast');
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer sk-xc-1',
      'content-type': 'application/json',
    });
    expect(JSON.parse(Buffer.from(request?.body ?? []).toString())).toEqual(QUESTION);
  });

  test('shows the headers of its answer to whoever asks', async () => {
    server.script.push(json(200, ANSWER, { 'x-nexevo-model-used': 'local/math' }));
    const { data, response } = await client.chat.completions.create(QUESTION).withResponse();
    expect(data.id).toBe('gen_1');
    expect(response.headers.get('x-nexevo-model-used')).toBe('local/math');
  });

  test('that fails fails once, whichever way it is awaited', async () => {
    server.script.push(json(401, {}), json(401, {}));
    const pending = client.chat.completions.create(QUESTION).withResponse();
    await expect(pending).rejects.toThrow(AuthenticationError);
    await expect(client.chat.completions.create(QUESTION)).rejects.toThrow(AuthenticationError);
  });

  test('adds, replaces and removes headers', async () => {
    server.script.push(json(200, ANSWER));
    const own = new Sealgate(
      { apiKey: 'k', baseUrl: server.url, defaultHeaders: { 'x-team': 'a', 'x-drop': '1' } },
      runtime,
    );
    await own.models.list({ headers: { 'x-team': 'b', 'x-drop': null } });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-team': 'b', authorization: 'Bearer k' });
    expect(server.requests[0]?.headers).not.toHaveProperty('x-drop');
  });

  test('says which organization it is about, and another client differs only in what is told', async () => {
    server.script.push(json(200, ANSWER), json(200, ANSWER));
    const signedIn = client.withOptions({ apiKey: 'token-2', organization: 'org_2' });
    await signedIn.models.list();
    await client.models.list();
    expect(server.requests.map(({ path }) => path)).toEqual(['/v1/models', '/v1/models']);
    const [theirs, ours] = server.requests.map(({ headers }) => headers);
    expect(theirs).toMatchObject({
      authorization: 'Bearer token-2',
      'x-organization-id': 'org_2',
    });
    expect(ours).toMatchObject({ authorization: 'Bearer sk-xc-1' });
    expect(ours).not.toHaveProperty('x-organization-id');
  });

  test('never shows the key when the client is printed', () => {
    expect(JSON.stringify(client)).not.toContain('sk-xc-1');
  });

  test('goes through the fetch it is given', async () => {
    const own = new Sealgate({ fetch: () => Promise.resolve(Response.json({ data: [] })) });
    expect(await own.models.list()).toEqual({ data: [] });
  });
});

describe('other resources', () => {
  test('a model is found by an id with slashes and colons', async () => {
    server.script.push(json(200, { id: 'local/math:fast' }));
    expect((await client.models.retrieve('local/math:fast')).id).toBe('local/math:fast');
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      path: '/v1/models/local%2Fmath%3Afast',
    });
  });

  test('embeddings are posted', async () => {
    server.script.push(json(200, { object: 'list', data: [{ index: 0, embedding: [0.5] }] }));
    const { data } = await client.embeddings.create({ model: 'e', input: ['a'] });
    expect(data[0]?.embedding).toEqual([0.5]);
    expect(server.requests[0]?.path).toBe('/v1/embeddings');
  });
});

describe('a refusal', () => {
  test.each([
    [400, InvalidRequestError],
    [401, AuthenticationError],
    [402, APIError],
    [403, ForbiddenError],
    [404, NotFoundError],
    [409, ConflictError],
    [429, RateLimitError],
    [500, ServerError],
    [502, APIError],
    [503, ServiceUnavailableError],
  ])('with status %i is its own class and keeps every fact', async (status, ErrorClass) => {
    const error = { message: 'Because.', type: 't', code: 'c', param: 'p' };
    server.script.push(json(status, { error }, { 'x-trace-id': 'req_1' }));
    const call = client.chat.completions.create(QUESTION, { maxRetries: 0 });
    const caught = await call.catch((reason: unknown) => reason);

    expect(caught).toBeInstanceOf(APIError);
    expect((caught as APIError).constructor).toBe(ErrorClass);
    expect(caught).toMatchObject({
      message: 'Because.',
      statusCode: status,
      status,
      type: 't',
      code: 'c',
      param: 'p',
      requestId: 'req_1',
      errorDetails: { error },
      name: ErrorClass.name,
    });
  });

  test('that is not JSON is still a refusal', async () => {
    server.script.push((response) => response.writeHead(403).end('<html>'));
    await expect(client.models.list()).rejects.toMatchObject({ statusCode: 403, code: undefined });
  });

  test('hides in no success: a page in place of JSON is an error', async () => {
    server.script.push((response) => response.writeHead(200).end('<html>'));
    await expect(client.models.list()).rejects.toMatchObject({ name: 'APIError', statusCode: 200 });
  });
});

describe('retries', () => {
  test('follow the server’s pause, else the backoff, and repeat the same wish', async () => {
    server.script.push(json(503, {}, { 'retry-after': '3' }), json(429, {}), json(200, ANSWER));
    await client.chat.completions.create(QUESTION);

    expect(runtime.waitsMs).toEqual([3000, 1000]);
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(keys).size).toBe(1);
  });

  test('two wishes have two keys', async () => {
    server.script.push(json(200, ANSWER), json(200, ANSWER));
    await client.chat.completions.create(QUESTION);
    await client.chat.completions.create(QUESTION);
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(2);
  });

  test('cover a broken connection', async () => {
    server.script.push(hangUp, json(200, ANSWER));
    expect((await client.chat.completions.create(QUESTION)).id).toBe('gen_1');
    expect(runtime.waitsMs).toEqual([500]);
  });

  test('end after two, with the last failure', async () => {
    server.script.push(json(500, {}), json(502, {}), json(503, {}));
    await expect(client.models.list()).rejects.toThrow(ServiceUnavailableError);
    expect(server.requests).toHaveLength(3);
  });

  test('are off where the server or the caller says so', async () => {
    server.script.push(json(429, {}, { 'x-should-retry': 'false' }));
    await expect(client.models.list()).rejects.toMatchObject({ isSafeToRetry: false });
    server.script.push(json(500, {}));
    await expect(client.models.list({ maxRetries: 0 })).rejects.toMatchObject({
      isSafeToRetry: true,
    });
    expect(server.requests).toHaveLength(2);
  });

  test('a refused connection is an error of its own class with its reason', async () => {
    await server.close();
    const call = client.models.list();
    await expect(call).rejects.toThrow(APIConnectionError);
    await expect(call).rejects.toThrow(/ECONNREFUSED/);
    expect(runtime.waitsMs).toHaveLength(2);
  });
});

describe('time limits and aborts', () => {
  test('an answer that does not come in time is given up', async () => {
    server.script.push(() => undefined);
    const call = client.models.list({ timeout: 20, maxRetries: 0 });
    await expect(call).rejects.toThrow(APITimeoutError);
  });

  test('the limit also covers a body that stops half way', async () => {
    server.script.push((response) => response.writeHead(200).write('{"data":'));
    const call = client.models.list({ timeout: 200, maxRetries: 0 });
    await expect(call).rejects.toThrow(APITimeoutError);
  });

  test('the caller’s signal ends a call and reaches the server', async () => {
    const caller = new AbortController();
    const hasClosed = new Promise((resolve) => {
      server.script.push((response) => {
        response.on('close', resolve);
        caller.abort(new Error('enough'));
      });
    });
    const call = client.chat.completions.create(QUESTION, { signal: caller.signal });
    await expect(call).rejects.toThrow(RequestAbortedError);
    await hasClosed;
    expect(server.requests).toHaveLength(1);
  });

  test('the caller’s signal ends the wait for a retry', async () => {
    const caller = new AbortController();
    const own = new Sealgate(
      { baseURL: server.url },
      { ...runtime, delay: () => Promise.resolve(caller.abort()) },
    );
    server.script.push(json(500, {}), json(200, ANSWER));
    await expect(own.models.list({ signal: caller.signal })).rejects.toThrow(RequestAbortedError);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a stream', () => {
  const ask = () => client.chat.completions.create({ ...QUESTION, stream: true });

  test('yields its chunks, also when the network cuts inside a character', async () => {
    const bytes = new TextEncoder().encode(`: hello\r\n\r\n${chunk('grün')}data: [DONE]\n\n`);
    const cut = bytes.indexOf(0xc3) + 1;
    server.script.push(eventStream(bytes.subarray(0, cut), bytes.subarray(cut)));
    expect(await textOf(await ask())).toBe('grün');
  });

  test('carries nexevo on its last chunk', async () => {
    const last = {
      object: 'chat.completion.chunk',
      choices: [],
      nexevo: { generation_id: 'gen_7' },
    };
    server.script.push(
      eventStream(chunk('a'), `data: ${JSON.stringify(last)}\n\n`, 'data: [DONE]\n\n'),
    );
    let generationId: string | undefined;
    for await (const { nexevo } of await ask()) generationId = nexevo?.generation_id;
    expect(generationId).toBe('gen_7');
  });

  test('ends at its mark even without the last blank line', async () => {
    server.script.push(eventStream(chunk('a'), 'data: [DONE]'));
    expect(await textOf(await ask())).toBe('a');
  });

  test('without its end mark is not passed off as whole', async () => {
    server.script.push(eventStream(chunk('a')));
    const stream = await ask();
    await expect(textOf(stream)).rejects.toThrow(TruncatedStreamError);
  });

  test('whose connection breaks is not passed off as whole', async () => {
    server.script.push((response) => {
      response.writeHead(200);
      response.write(chunk('a'), () => response.destroy());
    });
    await expect(textOf(await ask())).rejects.toMatchObject({
      name: 'TruncatedStreamError',
      isSafeToRetry: false,
    });
  });

  test('that reports an error ends in that error, after what came before', async () => {
    const error = { message: 'Upstream died.', code: 'upstream_error' };
    server.script.push(eventStream(chunk('a'), `data: ${JSON.stringify({ error })}\n\n`));
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const piece of await ask()) seen.push(piece);
    };
    await expect(read()).rejects.toMatchObject({
      name: 'APIError',
      message: 'Upstream died.',
      code: 'upstream_error',
      isSafeToRetry: false,
    });
    expect(seen).toHaveLength(1);
  });

  test('is retried before it begins, never after', async () => {
    server.script.push(json(503, {}), eventStream(chunk('a'), 'data: [DONE]\n\n'));
    expect(await textOf(await ask())).toBe('a');
    expect(server.requests).toHaveLength(2);
  });

  test.each(['leaving the loop', 'its controller'])(
    'is stopped at the server by %s',
    async (way) => {
      const hasClosed = new Promise((resolve) => {
        server.script.push((response) => {
          response.on('close', resolve);
          response.writeHead(200).write(chunk('a'));
        });
      });
      const stream = await ask();
      for await (const _ of stream) {
        if (way === 'leaving the loop') break;
        stream.controller.abort();
      }
      await hasClosed;
    },
  );

  test('may last longer than the time limit of a call', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let finish = (): void => undefined;
    server.script.push((response) => {
      response.writeHead(200).write(chunk('a'));
      finish = () => response.end('data: [DONE]\n\n');
    });
    const stream = await client.chat.completions.create(
      { ...QUESTION, stream: true },
      { timeout: 5000 },
    );
    vi.advanceTimersByTime(6000);
    finish();
    expect(await textOf(stream)).toBe('a');
    vi.useRealTimers();
  });

  test('can be read only once', async () => {
    server.script.push(eventStream(chunk('a'), 'data: [DONE]\n\n'));
    const stream = await ask();
    await textOf(stream);
    await expect(textOf(stream)).rejects.toThrow(/only once/);
  });
});
