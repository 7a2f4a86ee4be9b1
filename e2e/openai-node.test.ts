import OpenAI, {
  APIConnectionError,
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { caught, collect } from './collect.ts';
import { obedientModel } from './fakes/obedient-model.ts';
import {
  completion,
  frame,
  frames,
  hangingStream,
  json,
  silence,
  startFakeUpstream,
  stream,
  type FakeUpstream,
} from './fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from './harness.ts';

let upstream: FakeUpstream;
let gateway: Gateway;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({ yaml: yamlFor(upstream) });
  client = clientWith({});
});
afterAll(() => upstream.close());
beforeEach(() => {
  upstream.received.length = 0;
  upstream.always(obedientModel);
});

const clientWith = (options: { apiKey?: string; maxRetries?: number }): OpenAI =>
  new OpenAI({ baseURL: `${gateway.url()}/v1`, apiKey: gateway.key, maxRetries: 0, ...options });

const model = 'fake/model-a';
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hello?' }];
const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  },
];

describe('chat', () => {
  test('a whole answer, with its usage, its generation and its headers', async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({ model, messages })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('Hello, world!');
    expect(data.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7 });
    expect(data).toMatchObject({ nexevo: { model_used: model, cost_usd: '0.00002625' } });
    expect(response.headers.get('x-nexevo-generation-id')).toMatch(/^gen_/);
    expect(request_id).toBe(response.headers.get('x-trace-id'));
  });

  test('a stream, without usage when none was asked for', async () => {
    const chunks = await collect(
      await client.chat.completions.create({ model, messages, stream: true }),
    );
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      'Hello, world!',
    );
    expect(chunks.every((chunk) => !chunk.usage)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ nexevo: { model_used: model } });
  });

  test('a stream brings its usage when it was asked for', async () => {
    const chunks = await collect(
      await client.chat.completions.create({
        model,
        messages,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 11 } });
    expect(chunks.filter((chunk) => chunk.usage)).toHaveLength(1);
  });

  test('a tool is called, and its result is answered', async () => {
    const first = await client.chat.completions.create({ model, messages, tools });
    const call = first.choices[0]?.message.tool_calls?.[0];
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call).toMatchObject({
      id: 'call_1',
      function: { name: 'weather', arguments: '{"city":"Seoul"}' },
    });
    const result: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'assistant', content: null, tool_calls: call ? [call] : [] },
      { role: 'tool', tool_call_id: 'call_1', content: 'Sunny' },
    ];
    const second = await client.chat.completions.create({
      model,
      tools,
      messages: [...messages, ...result],
    });
    expect(second.choices[0]?.message.content).toBe('Hello, world!');
    expect(upstream.received[1]?.body['messages']).toEqual([...messages, ...result]);
  });

  test('the pieces of a streamed tool call make one call', async () => {
    const runner = client.chat.completions.stream({ model, messages, tools });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      id: 'call_1',
      function: { name: 'weather', arguments: '{"city":"Seoul"}' },
    });
  });

  test('images reach the model', async () => {
    const content: OpenAI.ChatCompletionContentPart[] = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    ];
    await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    expect(upstream.received[0]?.body['messages']).toEqual([{ role: 'user', content }]);
  });

  test('structured output is parsed by the client', async () => {
    const answer = await client.chat.completions.parse({
      model,
      messages,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'place',
          strict: true,
          schema: {
            type: 'object',
            properties: { city: { type: 'string' }, population: { type: 'integer' } },
          },
        },
      },
    });
    expect(answer.choices[0]?.message.parsed).toEqual({ city: 'Seoul', population: 42 });
  });

  test('every field but our own reaches the model byte for byte', async () => {
    const rest =
      '"seed":12345678901234567890,"messages":[{"role":"user","content":"\\u00e9 \\ud83d\\ude00"}],"x":{"y":[1.0,2E5]}';
    await fetch(`${gateway.url()}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}` },
      body: `{"model":"${model}","max_price":{"prompt":"5"},"max_tokens":7,${rest}}`,
    });
    expect(upstream.received[0]?.text).toBe(`{"model":"model-a","max_tokens":7,${rest}}`);
  });

  test('whose caller sets no limit gets one, and is told', async () => {
    const answer = await client.chat.completions.create({ model, messages }).asResponse();
    expect(answer.headers.get('x-max-tokens-applied')).toBe('16384');
    expect(upstream.received[0]?.body).toMatchObject({ max_tokens: 16_384 });
    const limited = await client.chat.completions
      .create({ model, messages, max_completion_tokens: 9 })
      .asResponse();
    expect(limited.headers.get('x-max-tokens-applied')).toBeNull();
    expect(upstream.received[1]?.body).not.toHaveProperty('max_tokens');
  });

  test('the caller’s key stays here: the model provider sees its own', async () => {
    await client.chat.completions.create({ model, messages });
    expect(upstream.received[0]?.headers.authorization).toBe('Bearer upstream-key');
    expect(JSON.stringify(upstream.received[0])).not.toContain(gateway.key);
  });
});

describe('a caller who leaves', () => {
  test('closes the stream at the model provider too', async () => {
    upstream.next(hangingStream(frames(['One', ' two']).slice(0, 3)));
    const answer = await client.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of answer) {
      if (chunk.choices[0]?.delta.content === ' two') break;
    }
    await upstream.received[0]?.closed;
  });

  test('ends a whole answer that is not there yet', async () => {
    const arrived = new Promise<void>((resolve) => {
      upstream.next((request, response) => {
        resolve();
        return silence(request, response);
      });
    });
    const leaving = new AbortController();
    const asked = caught(
      client.chat.completions.create({ model, messages }, { signal: leaving.signal }),
    );
    await arrived;
    leaving.abort();
    expect(await asked).toBeInstanceOf(APIUserAbortError);
    await upstream.received[0]?.closed;
  });
});

describe('errors have the classes that programs catch', () => {
  test('a wrong key: AuthenticationError', async () => {
    const wrong = clientWith({ apiKey: 'sk-xc-wrong' });
    const error = await caught(wrong.chat.completions.create({ model, messages }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
  });

  test('an unknown model: NotFoundError', async () => {
    const error = await caught(client.chat.completions.create({ model: 'fake/nothing', messages }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });

  test('a faulty field: BadRequestError that names it', async () => {
    const error = await caught(client.chat.completions.create({ model, messages: [] }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param: 'messages' });
    expect(upstream.received).toHaveLength(0);
  });

  test('a provider that fails twice: InternalServerError; one that fails once is not seen', async () => {
    const failure = json(500, { error: { message: 'oops' } });
    upstream.next(failure);
    await client.chat.completions.create({ model, messages });
    upstream.next(failure, failure);
    const error = await caught(client.chat.completions.create({ model, messages }));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status: 502, code: 'upstream_error' });
  });

  test('a stream that breaks: what came so far, then APIError', async () => {
    upstream.next(stream(frames(['One', ' two']).slice(0, 3), { isCut: true }));
    const words: string[] = [];
    const error = await caught(
      (async () => {
        const answer = await client.chat.completions.create({ model, messages, stream: true });
        for await (const chunk of answer) words.push(chunk.choices[0]?.delta.content ?? '');
      })(),
    );
    expect(words.join('')).toBe('One two');
    expect(error).toBeInstanceOf(APIError);
    expect(error).not.toBeInstanceOf(APIConnectionError);
    expect(error).toMatchObject({ code: 'upstream_error' });
  });

  test('an error within a stream is ours, not the words of the provider', async () => {
    const secret = { error: { message: 'key sk-upstream-12345678 is bad' } };
    upstream.next(stream([...frames(['One']).slice(0, 2), frame(secret)]));
    const error = await caught(
      client.chat.completions.create({ model, messages, stream: true }).then(collect),
    );
    expect(error).toBeInstanceOf(APIError);
    expect(String(error)).not.toContain('sk-upstream');
  });

  test('a provider that limits: RateLimitError with the time to wait', async () => {
    // Nobody asks this model again before that, but for the next gateway.
    upstream.next(json(429, { error: { message: 'slow down' } }, { 'retry-after': '7' }));
    const error = await caught(client.chat.completions.create({ model, messages }));
    expect(error).toBeInstanceOf(RateLimitError);
    expect((error as RateLimitError).headers?.get('retry-after')).toBe('7');
  });
});

test('a key’s used-up minute is a RateLimitError that says when it ends', async () => {
  await gateway.restart({ env: { SEALGATE_RATE_LIMIT_RPM: '1' } });
  client = clientWith({});
  await client.chat.completions.create({ model, messages });
  const error = await caught(client.chat.completions.create({ model, messages }));
  expect(error).toBeInstanceOf(RateLimitError);
  expect(Number((error as RateLimitError).headers?.get('retry-after'))).toBeGreaterThan(0);
  await gateway.restart();
  client = clientWith({});
});

describe('models', () => {
  test('are listed, the tiers first', async () => {
    const ids = (await collect(client.models.list())).map(({ id }) => id);
    expect(ids).toEqual([
      'nexevo/fast',
      'nexevo/balanced',
      'nexevo/auto',
      'fake/model-a',
      'fake/embed-a',
    ]);
  });

  test('are retrieved by an id that has a slash', async () => {
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, owned_by: 'fake' });
    expect(await caught(client.models.retrieve('fake/nothing'))).toBeInstanceOf(NotFoundError);
  });

  test('a tier answers like a model', async () => {
    const answer = await client.chat.completions.create({ model: 'nexevo/auto', messages });
    expect(answer).toMatchObject({ nexevo: { model_used: model } });
  });
});

test('embeddings in the encoding that the client prefers', async () => {
  const floats = new Float32Array([0.5, -0.25]);
  upstream.next(
    json(200, {
      object: 'list',
      model: 'embed-a',
      data: [
        {
          object: 'embedding',
          index: 0,
          embedding: Buffer.from(floats.buffer).toString('base64'),
        },
      ],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    }),
  );
  const list = await client.embeddings.create({ model: 'fake/embed-a', input: ['Hi'] });
  expect(list.data[0]?.embedding).toEqual([0.5, -0.25]);
  expect(upstream.received[0]).toMatchObject({
    path: '/v1/embeddings',
    body: { model: 'embed-a', encoding_format: 'base64' },
  });
});

test('retries of the client itself are not needed for a stumble, but wait for a host that says when it is back', async () => {
  const busy = json(503, { error: { message: 'busy' } }, { 'retry-after': '1' });
  upstream.next(json(500, {}), busy, json(200, completion('Third time lucky')));
  const answer = await clientWith({ maxRetries: 1 }).chat.completions.create({ model, messages });
  expect(answer.choices[0]?.message.content).toBe('Third time lucky');
});
