import { ENDPOINTS } from '@sealgate/contract';
import { SecureChatCompletion } from '@sealgate/sdk/secure';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { obedientModel } from './fakes/obedient-model.ts';
import { frames, json, startFakeUpstream, stream, type FakeUpstream } from './fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from './harness.ts';

const {
  createChatCompletion,
  createEmbeddings,
  createSecureCompletion,
  listModels,
  readPublicKey,
  retrieveModel,
} = ENDPOINTS;

let upstream: FakeUpstream;
let gateway: Gateway;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  upstream.always(obedientModel);
  gateway = await startGateway({ yaml: yamlFor(upstream) });
});
afterAll(() => upstream.close());

const model = 'fake/model-a';
const messages = [{ role: 'user', content: 'Hello?' }];
const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const tools = [{ type: 'function', function: { name: 'weather', parameters } }];

const send = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(gateway.url() + path, { ...init, headers: { authorization: `Bearer ${gateway.key}` } });

const post = (path: string, body: object): Promise<Response> =>
  send(path, { method: 'POST', body: JSON.stringify(body) });

/** Parses what the schema knows, and the headers that it promises. */
async function expectAnswer(
  response: Response,
  answer: { readonly headers?: z.ZodObject; readonly content: Readonly<Record<string, z.ZodType>> },
): Promise<unknown> {
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const promised = Object.fromEntries(
    Object.keys(answer.headers?.shape ?? {}).flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  answer.headers?.parse(promised);
  expect(Object.keys(answer.content)).toContain(type);
  return type === 'application/json' ? response.json() : response.text();
}

describe('real answers are what the contract says', () => {
  test.each([{}, { tools }])('POST /v1/chat/completions, whole: %o', async (extra) => {
    const response = await post(createChatCompletion.path, { model, messages, ...extra });
    const answer = createChatCompletion.answers[200];
    answer.content['application/json'].parse(await expectAnswer(response, answer));
  });

  test.each([{}, { tools }, { stream_options: { include_usage: true } }])(
    'POST /v1/chat/completions, every event of a stream: %o',
    async (extra) => {
      const response = await post(createChatCompletion.path, {
        model,
        messages,
        stream: true,
        ...extra,
      });
      const answer = createChatCompletion.answers[200];
      const text = String(await expectAnswer(response, answer));
      const data = eventsOf(text);
      expect(data.pop()).toBe('[DONE]');
      const chunks = data.map((event) =>
        answer.content['text/event-stream'].parse(JSON.parse(event)),
      );
      expect(chunks.length).toBeGreaterThan(2);
      expect(chunks.at(-1)).toHaveProperty('nexevo');
    },
  );

  test('the error that ends a broken stream', async () => {
    upstream.next(stream(frames(['One']).slice(0, 2), { isCut: true }));
    const response = await post(createChatCompletion.path, { model, messages, stream: true });
    const last = eventsOf(await response.text()).at(-1) ?? '';
    const schema = createChatCompletion.answers[200].content['text/event-stream'];
    expect(schema.parse(JSON.parse(last))).toHaveProperty('error.code', 'upstream_error');
  });

  test('POST /v1/embeddings', async () => {
    upstream.next(
      json(200, {
        object: 'list',
        model: 'embed-a',
        data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
        usage: { prompt_tokens: 2, total_tokens: 2 },
      }),
    );
    const response = await post(createEmbeddings.path, { model: 'fake/embed-a', input: 'Hi' });
    const answer = createEmbeddings.answers[200];
    answer.content['application/json'].parse(await expectAnswer(response, answer));
  });

  test('GET /pki/public_key', async () => {
    const answer = readPublicKey.answers[200];
    expect(await expectAnswer(await send(readPublicKey.path), answer)).toMatch(/BEGIN PUBLIC KEY/);
  });

  test('POST /v1/chat/secure_completion, both envelopes', async () => {
    const envelopes: { readonly sent: unknown; readonly answered: Response }[] = [];
    const recorded: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method === 'POST') {
        const sent: unknown = JSON.parse(new TextDecoder().decode(init.body as Uint8Array));
        envelopes.push({ sent, answered: response.clone() });
      }
      return response;
    };
    const client = new SecureChatCompletion(
      { baseUrl: gateway.url(), apiKey: gateway.key, allowHttp: true },
      {
        fetch: recorded,
        delay: async () => {},
        random: () => 0,
        now: Date.now,
        every: () => () => {},
      },
    );
    const opened = await client.create({ model, messages: [{ role: 'user', content: 'Hello?' }] });
    createChatCompletion.answers[200].content['application/json'].parse(opened);
    const [envelope] = envelopes;
    if (envelope === undefined) throw new Error('nothing was sent');
    createSecureCompletion.request.body['application/octet-stream'].parse(envelope.sent);
    const answer = createSecureCompletion.answers[200];
    answer.content['application/json'].parse(await expectAnswer(envelope.answered, answer));
  });

  test('GET /v1/models and /v1/models/{id}', async () => {
    const list = await expectAnswer(await send(listModels.path), listModels.answers[200]);
    listModels.answers[200].content['application/json'].parse(list);
    for (const id of [model, encodeURIComponent(model), 'nexevo/auto']) {
      const one = await expectAnswer(await send(`/v1/models/${id}`), retrieveModel.answers[200]);
      retrieveModel.answers[200].content['application/json'].parse(one);
    }
  });
});

const eventsOf = (text: string): string[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length));
