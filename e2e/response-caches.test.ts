import type { ChatCompletion, ChatCompletionChunk, NewApiKey, Sealgate } from '@sealgate/sdk';
import { SecureChatCompletion } from '@sealgate/sdk/secure';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  answer,
  chunk,
  completion,
  frames,
  hangingStream,
  json,
  startFakeUpstream,
  stream,
  type FakeUpstream,
  type Script,
} from './fakes/upstream.ts';
import { startGateway, type Gateway } from './harness.ts';
import { queryDatabase } from './hostile/gateway-database.ts';
import { signUp, type Person } from './people.ts';

let here: FakeUpstream;
let there: FakeUpstream;
let gateway: Gateway;
let ada: Person;
let bob: Person;
beforeAll(async () => {
  [here, there] = await Promise.all([startFakeUpstream(), startFakeUpstream()]);
  gateway = await startGateway({
    yaml: yamlOf(),
    env: { SEALGATE_CACHE: 'semantic', SEALGATE_DEFAULT_MAX_TOKENS: '1000' },
  });
  ada = await signUp(gateway, 'ada@example.com');
  bob = await signUp(gateway, 'bob@example.com');
});
afterAll(() => Promise.all([here.close(), there.close()]));

function yamlOf(): string {
  const models = `
      - { id: chat, price: { input: 10, output: 20 }, capabilities: [chat, tools, vision, structured-output] }
      - { id: embed, price: { input: 1, output: 0 }, capabilities: [embeddings] }`;
  return `
upstreams:
  - { id: here, base_url: "${here.url}", trust: private, region: overseas, models: [${inline(models)}] }
  - { id: there, base_url: "${there.url}", trust: private, region: cn, models: [${inline(models)}] }
tiers: { fast: [here/chat, there/chat] }
cache: { check_percent: 0 }
`;
}

const inline = (list: string): string =>
  list
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/^- /, ''))
    .join(', ');

/** What was asked before must not answer this test. */
let topic = '';
let topics = 0;
beforeEach(() => {
  topics += 1;
  topic = `the number ${topics}`;
  for (const upstream of [here, there]) {
    upstream.received.length = 0;
    upstream.always(answer(`About ${topic}: it is odd.`));
  }
});

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Caller {
  ask(changes?: object, headers?: Record<string, string>): Promise<Asked>;
  readonly keyId: string;
  readonly client: Sealgate;
}

async function callerOf(person: Person, settings: Partial<NewApiKey> = {}): Promise<Caller> {
  const cache = { mode: 'exact', ...settings.cache } as const;
  const { full_key: key, key: made } = await person.client.keys.create({
    name: 'test',
    ...settings,
    cache,
  });
  return {
    keyId: made.key_id,
    client: person.client.withOptions({ apiKey: key }),
    ask: async (changes = {}, headers = {}) => {
      const messages = [{ role: 'user', content: `Tell me about ${topic}` }];
      const response = await fetch(`${gateway.url()}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, ...headers },
        body: JSON.stringify({ model: 'here/chat', messages, ...changes }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}

const wholeOf = ({ text }: Asked): ChatCompletion => JSON.parse(text) as ChatCompletion;
const cacheOf = (asked: Asked): unknown =>
  asked.text.startsWith('data:')
    ? eventsOf(asked).findLast(({ nexevo }) => nexevo)?.nexevo?.cache
    : wholeOf(asked).nexevo?.cache;
const eventsOf = ({ text }: Asked): ChatCompletionChunk[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)) as ChatCompletionChunk);
const saidIn = (asked: Asked): string =>
  eventsOf(asked)
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('');
const askedCount = (): number => here.received.length + there.received.length;
const keptCount = async (keyId: string, condition = ''): Promise<number> => {
  const query = `select from cached_answers where key_id = $1 ${condition}`;
  return (await queryDatabase(gateway, query, [keyId])).length;
};

/** Vectors need a thread, and machines are busy. */
const PATIENT = { timeout: 20_000 };

describe('the same request', () => {
  test('gets the answer that is there, for a quarter of the price, without a model', async () => {
    const caller = await callerOf(ada);
    const first = await caller.ask();
    const second = await caller.ask();
    expect(askedCount()).toBe(1);
    const { nexevo: paid, ...told } = wholeOf(first);
    const { nexevo: again, ...toldAgain } = wholeOf(second);
    expect(toldAgain).toEqual(told);
    // 11 tokens for 10 USD and 7 for 20 USD a million, and 5 % for passing them through.
    expect(paid).toMatchObject({
      cache: 'miss',
      cost_usd: '0.0002625',
      models_tried: ['here/chat'],
    });
    expect(again).toMatchObject({
      cache: 'exact',
      cost_usd: '0.000065625',
      tier: 'passthrough',
      model_used: 'here/chat',
      models_tried: [],
      route: { asked: 'here/chat', reason: 'cached' },
    });
    expect(again?.generation_id).not.toBe(paid?.generation_id);
    expect(second.headers.get('x-nexevo-generation-id')).toBe(again?.generation_id);
    expect(second.headers.get('x-nexevo-model-used')).toBe('here/chat');
    expect(second.headers.get('x-nexevo-models-tried')).toBe('');
    expect(second.headers.get('x-usage-output-tokens')).toBe('7');
    const generation = await caller.client.generations.get(again?.generation_id ?? '');
    expect(generation).toMatchObject({
      cache: 'exact',
      cost_usd: '0.000065625',
      input_tokens: 11,
      output_tokens: 7,
      outcome: 'success',
    });
    const usage = await caller.client.billing.usage({ days: 1, group_by: 'key' });
    expect(usage.groups.find(({ id }) => id === caller.keyId)).toMatchObject({
      requests: 2,
      cost_usd: '0.000328125',
    });
  });

  test('is one whether it is streamed or not, and whoever the user is', async () => {
    const caller = await callerOf(ada);
    await caller.ask({ user: 'u1', metadata: { a: 'b' } });
    const streamed = await caller.ask({ stream: true, user: 'u2' });
    expect(cacheOf(streamed)).toBe('exact');
    expect(saidIn(streamed)).toBe(`About ${topic}: it is odd.`);
    expect(streamed.text).toMatch(/data: \[DONE\]\n\n$/);
    expect(streamed.headers.get('content-type')).toMatch('text/event-stream');
    expect(streamed.headers.get('x-nexevo-model-used')).toBe('here/chat');
    expect(eventsOf(streamed).map(({ choices }) => choices[0]?.finish_reason ?? null)).toEqual([
      null,
      null,
      'stop',
    ]);
    expect(streamed.text).not.toContain('"usage"');
    const counted = await caller.ask({ stream: true, stream_options: { include_usage: true } });
    expect(eventsOf(counted).at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 11, completion_tokens: 7 },
      nexevo: { cache: 'exact' },
    });
    expect(askedCount()).toBe(1);
  });

  test('after a stream gets the same words whole, and streamed again', async () => {
    const caller = await callerOf(ada);
    here.always(stream(frames(['Two ', 'words', '\u{1F600}"\\\n'])));
    const first = await caller.ask({ stream: true });
    expect(cacheOf(first)).toBe('miss');
    await expect.poll(() => keptCount(caller.keyId), PATIENT).toBe(1);
    const whole = await caller.ask();
    expect(wholeOf(whole)).toMatchObject({
      object: 'chat.completion',
      model: 'model-a',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Two words\u{1F600}"\\\n' },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
      nexevo: { cache: 'exact' },
    });
    expect(saidIn(await caller.ask({ stream: true }))).toBe(saidIn(first));
    expect(askedCount()).toBe(1);
  });

  test('of embeddings gets its vectors', async () => {
    const caller = await callerOf(ada);
    const list = {
      object: 'list',
      model: 'embed-a',
      data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    };
    here.always(json(200, list));
    const body = { model: 'here/embed', input: topic };
    const first = await caller.client.embeddings.create(body);
    const second = await caller.client.embeddings.create({ ...body, user: 'someone' });
    expect(second).toEqual({ ...first, nexevo: expect.objectContaining({ cache: 'exact' }) });
    await caller.client.embeddings.create({ ...body, cache: 'off' });
    expect(here.received.map((request) => request.body)).toEqual([
      { model: 'embed', input: topic },
      { model: 'embed', input: topic },
    ]);
  });
});

describe('a request', () => {
  test.each<[string, object, Record<string, string>?]>([
    ['off', { cache: 'off' }],
    ['off in the header', {}, { 'x-nexevo-cache': 'off' }],
    ['off in the header, on in the body', { cache: 'on' }, { 'x-nexevo-cache': 'off' }],
    ['with a temperature above 0', { temperature: 0.1 }],
    ['with tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['that the provider shall store', { store: true }],
    ['for two answers', { n: 2 }],
  ])('%s is neither answered by the cache nor kept', async (_name, changes, headers) => {
    const caller = await callerOf(ada);
    for (const _ of [1, 2]) expect(cacheOf(await caller.ask(changes, headers))).toBe('miss');
    expect(askedCount()).toBe(2);
    await caller.ask();
    await expect.poll(() => keptCount(caller.keyId), PATIENT).toBe(1);
  });

  test('with a temperature above 0 may ask for it, and the upstream does not hear of that', async () => {
    const caller = await callerOf(ada);
    await caller.ask({ temperature: 0.1, cache: 'on' });
    expect(cacheOf(await caller.ask({ temperature: 0.1 }, { 'x-nexevo-cache': 'on' }))).toBe(
      'exact',
    );
    expect(here.received[0]?.body).not.toHaveProperty('cache');
    expect(cacheOf(await caller.ask({ temperature: 0.2, cache: 'on' }))).toBe('miss');
  });

  test('can have the kept answer renewed', async () => {
    const caller = await callerOf(ada);
    await caller.ask();
    here.always(answer('Something new'));
    expect(cacheOf(await caller.ask({ cache: 'refresh' }))).toBe('miss');
    const third = wholeOf(await caller.ask());
    expect(third.choices[0]?.message.content).toBe('Something new');
    expect(third.nexevo?.cache).toBe('exact');
  });

  test('that says something else is refused, naming the field or the header', async () => {
    const caller = await callerOf(ada);
    for (const [asked, param] of [
      [await caller.ask({ cache: 'always' }), 'cache'],
      [await caller.ask({}, { 'x-nexevo-cache': 'always' }), 'X-Nexevo-Cache'],
    ] as const) {
      expect(asked.status).toBe(400);
      expect(JSON.parse(asked.text)).toMatchObject({ error: { param } });
    }
  });

  test.each<[string, object]>([
    ['another model', { model: 'there/chat' }],
    ['the tier', { model: 'nexevo/fast' }],
    ['another system prompt', { messages: [{ role: 'system', content: 'Be brief' }] }],
    ['another limit', { max_tokens: 5 }],
    ['another seed', { seed: 7 }],
  ])('to %s has no part in the answer', async (_name, changes) => {
    const caller = await callerOf(ada);
    await caller.ask();
    expect(cacheOf(await caller.ask(changes))).toBe('miss');
  });
});

describe('never kept is', () => {
  test.each<[string, Script, object]>([
    [
      'a stream that is cut',
      stream(frames(['One ']).slice(0, 2), { isCut: true }),
      { stream: true },
    ],
    ['an empty answer', json(200, completion('')), {}],
    ['an answer that a filter ended', answerEndedBy('content_filter'), {}],
    ['an answer with a tool call', toolCall(), {}],
    [
      'a streamed tool call',
      stream([toolCallChunk(), ...frames(['x']).slice(1)]),
      { stream: true },
    ],
    ['more than is worth it', json(200, completion('x'.repeat(300_000))), {}],
    ['an error', json(400, { error: { message: 'no' } }), {}],
  ])('%s', async (_name, script, changes) => {
    const caller = await callerOf(ada);
    here.next(script);
    await caller.ask(changes);
    expect(cacheOf(await caller.ask(changes))).toBe('miss');
    expect(askedCount()).toBe(2);
  });

  test('a stream that its caller has left', async () => {
    const caller = await callerOf(ada);
    here.next(hangingStream(frames(['One ', 'two ']).slice(0, 2)));
    const leaving = new AbortController();
    const left = await caller.client.chat.completions.create(
      {
        model: 'here/chat',
        stream: true,
        messages: [{ role: 'user', content: `Tell me about ${topic}` }],
      },
      { signal: leaving.signal },
    );
    await left[Symbol.asyncIterator]().next();
    leaving.abort();
    await here.received[0]?.closed;
    expect(cacheOf(await caller.ask({ stream: true }))).toBe('miss');
  });

  test('a sealed chat', async () => {
    const { full_key: apiKey } = await ada.client.keys.create({
      name: 'sealed',
      cache: { mode: 'semantic' },
    });
    const client = new SecureChatCompletion({ baseUrl: gateway.url(), apiKey, allowHttp: true });
    const request = {
      model: 'here/chat',
      messages: [{ role: 'user' as const, content: `A secret about ${topic}` }],
    };
    await client.create(request);
    await client.create(request);
    expect(askedCount()).toBe(2);
    client.dispose();
  });
});

describe('keeps apart', () => {
  test('organizations always, keys unless both say otherwise', async () => {
    const [own, other, strangers] = await Promise.all([
      callerOf(ada),
      callerOf(ada),
      callerOf(bob),
    ]);
    await own.ask();
    for (const caller of [other, strangers]) expect(cacheOf(await caller.ask())).toBe('miss');
    const cache = { scope: 'organization' } as const;
    const [one, two, third] = await Promise.all([
      callerOf(ada, { cache }),
      callerOf(ada, { cache }),
      callerOf(bob, { cache }),
    ]);
    expect(cacheOf(await one.ask())).toBe('miss');
    expect(cacheOf(await two.ask())).toBe('exact');
    expect(cacheOf(await third.ask())).toBe('miss');
    expect(cacheOf(await own.ask())).toBe('exact');
  });

  test('what a key may use from what it may not', async () => {
    const cache = { scope: 'organization' } as const;
    const free = await callerOf(ada, { cache });
    const tier = { model: 'nexevo/fast' };
    here.next(json(503, { error: { message: 'away' } }), json(503, { error: { message: 'away' } }));
    const first = wholeOf(await free.ask(tier));
    expect(first.nexevo).toMatchObject({ model_used: 'there/chat', cache: 'miss' });
    const settings: Partial<NewApiKey>[] = [
      { geo_policy: 'overseas-only' },
      { allowed_models: ['here/chat'] },
    ];
    for (const limits of settings) {
      const limited = await callerOf(ada, { cache, ...limits });
      const { nexevo } = wholeOf(await limited.ask({ ...tier, cache: 'on' }));
      expect(nexevo?.model_used).toBe('here/chat');
    }
    const provider = { ignore: ['here'] };
    const nexevo = wholeOf(await free.ask({ ...tier, provider })).nexevo;
    expect(nexevo).toMatchObject({ cache: 'exact', model_used: 'there/chat', tier: 'fast' });
    const dear = await free.ask({ ...tier, provider, max_price: { completion: '1' } });
    expect(dear.status).toBe(400);
  });
});

describe('is forgotten', () => {
  test('at once everywhere when a key, or the organization, is told to', async () => {
    const [one, two] = await Promise.all([callerOf(ada), callerOf(ada)]);
    await one.ask();
    await two.ask();
    await expect.poll(() => keptCount(one.keyId), PATIENT).toBe(1);
    await expect.poll(() => keptCount(two.keyId), PATIENT).toBe(1);
    await ada.client.keys.clearCache(one.keyId);
    expect([await keptCount(one.keyId), await keptCount(two.keyId)]).toEqual([0, 1]);
    await expect.poll(async () => cacheOf(await one.ask()), PATIENT).toBe('miss');
    const { data } = await ada.client.organizations.list();
    await ada.client.organizations.clearCache(data[0]?.org_id ?? '');
    expect([await keptCount(one.keyId), await keptCount(two.keyId)]).toEqual([0, 0]);
  });
});

describe('a request that is worded otherwise', () => {
  const question = (content: string) => ({ messages: [{ role: 'user', content }] });

  test('gets the answer that is there where its key wants that, and its numbers and words agree', async () => {
    const caller = await callerOf(ada, { cache: { mode: 'semantic' } });
    const exact = await callerOf(ada, { cache: { mode: 'exact', scope: 'key' } });
    const asked = question(`How do I reset password ${topics}?`);
    const alike = question(`How can I reset password ${topics}?`);
    await caller.ask(asked);
    await exact.ask(asked);
    await expect.poll(() => keptCount(caller.keyId, 'and vector is not null'), PATIENT).toBe(1);
    const again = wholeOf(await caller.ask(alike));
    expect(again.nexevo).toMatchObject({ cache: 'semantic', cost_usd: '0.000065625' });
    expect(again.choices[0]?.message.content).toBe(`About ${topic}: it is odd.`);
    expect(cacheOf(await exact.ask(alike))).toBe('miss');
    expect(cacheOf(await caller.ask({ ...alike, cache: 'exact' }))).toBe('miss');
    for (const other of [
      question(`How can I reset password ${topics + 1}?`),
      question(`How can I reset no password ${topics}?`),
      { messages: [{ role: 'system', content: 'x' }, ...alike.messages] },
      { ...alike, max_tokens: 7 },
    ]) {
      expect(cacheOf(await caller.ask(other))).toBe('miss');
    }
  });
});

describe('what is kept', () => {
  test('survives the gateway, sealed, and under digests that nobody can try out', async () => {
    const caller = await callerOf(ada);
    await caller.ask();
    await expect.poll(() => keptCount(caller.keyId), PATIENT).toBe(1);
    const rows = await queryDatabase<object>(
      gateway,
      'select c::text as text from cached_answers c',
    );
    expect(JSON.stringify(rows)).not.toContain(topic);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(topic).toString('hex'));
    await gateway.restart();
    here.received.length = 0;
    expect(cacheOf(await caller.ask())).toBe('exact');
    expect(askedCount()).toBe(0);
  });
});

function answerEndedBy(finishReason: string): Script {
  const choice = { index: 0, message: { role: 'assistant', content: 'x' } };
  return json(200, completion('x', { choices: [{ ...choice, finish_reason: finishReason }] }));
}

function toolCall(): Script {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const message = { role: 'assistant', content: 'x', tool_calls: [call] };
  return json(200, completion('x', { choices: [{ index: 0, message, finish_reason: 'stop' }] }));
}

function toolCallChunk(): string {
  const call = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  return chunk({ role: 'assistant', content: 'x', tool_calls: [call] });
}
