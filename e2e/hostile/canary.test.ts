import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  chunk,
  completion,
  frame,
  frames,
  hangingStream,
  json,
  startFakeUpstream,
  stream,
  type FakeUpstream,
  type Script,
} from '../fakes/upstream.ts';
import { startGateway, type Gateway } from '../harness.ts';
import { queryDatabase, withDatabase } from './gateway-database.ts';
import { createKey } from './operator.ts';
import { findEverywhere, findInFiles, sha256Hex } from './search.ts';
import { printSealed, sealedCaller, type SealedCaller } from './sealed-caller.ts';

/** Verbatim JSON text, base64 text, header value and part of a URL. */
const CANARY = `canary${randomBytes(8).toString('hex')}`;
const PROVIDER_KEY = `provider-${randomBytes(8).toString('hex')}`;

let upstream: FakeUpstream;
let gateway: Gateway;
let caller: SealedCaller;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({
    yaml: yamlOfAllKinds(),
    env: { PROVIDER_KEY, SEALGATE_LOG_LEVEL: 'debug' },
  });
  caller = await sealedCaller(gateway);
});
afterAll(() => upstream.close());
let model = '';
let used = 0;
beforeEach(() => {
  // A model of its own for each test: the breaker remembers broken ones.
  used += 1;
  model = `here/model-${used}`;
});

/** A canary wherever content can stand. */
const chat = (changes: object = {}) => ({
  model,
  messages: [
    { role: 'system', content: CANARY },
    {
      role: 'user',
      name: CANARY,
      content: [
        { type: 'text', text: CANARY },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${CANARY}` } },
      ],
    },
    {
      role: 'assistant',
      tool_calls: [
        {
          id: CANARY,
          type: 'function',
          function: { name: CANARY, arguments: `{"a":"${CANARY}"}` },
        },
      ],
    },
    { role: 'tool', tool_call_id: CANARY, content: CANARY },
  ],
  tools: [{ type: 'function', function: { name: CANARY, description: CANARY, parameters: {} } }],
  response_format: { type: 'json_schema', json_schema: { name: CANARY, schema: { a: CANARY } } },
  stop: [CANARY],
  user: CANARY,
  metadata: { [CANARY]: CANARY },
  [CANARY]: CANARY,
  ...changes,
});

const ERROR = {
  error: { message: CANARY, type: CANARY, code: CANARY, param: CANARY },
  [CANARY]: CANARY,
};
const TOOL_CALL = {
  id: CANARY,
  type: 'function',
  function: { name: CANARY, arguments: `{"a":"${CANARY}"}` },
};

/** What upstreams do to whole requests. */
const WHOLE: Readonly<Record<string, Script>> = {
  'a good answer': json(200, completion(CANARY, { system_fingerprint: CANARY })),
  'a call of a tool': json(200, {
    ...completion(''),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, tool_calls: [TOOL_CALL] },
        finish_reason: 'tool_calls',
      },
    ],
  }),
  ...Object.fromEntries(
    [400, 401, 404, 413, 422, 429, 500, 503].map((status) => [
      String(status),
      json(status, ERROR, { 'retry-after': CANARY, 'x-request-id': CANARY }),
    ]),
  ),
  'no JSON': (_request, response) => void response.end(`<html>${CANARY}`),
  'other JSON': json(200, ERROR),
  'a broken status line': (_request, { socket }) =>
    void socket?.end(`HTTP/1.1 ${CANARY} ${CANARY}\r\n\r\n`),
  'a cut body': (_request, response) => {
    response.writeHead(200, { 'content-length': 10_000 });
    response.write(`{"${CANARY}`, () => response.destroy());
  },
  'a reset': (_request, response) => void response.destroy(),
};

const begun = [chunk({ role: 'assistant', content: CANARY }), chunk({ tool_calls: [TOOL_CALL] })];

/** And to streamed ones. */
const STREAMED: Readonly<Record<string, Script>> = {
  ...WHOLE,
  'a good stream': stream(frames([CANARY, CANARY])),
  'a cut stream': stream(begun, { isCut: true }),
  'an error in the stream': stream([...begun, frame(ERROR)]),
  'garbage in the stream': stream([...begun, `data: {"usage": {"${CANARY}\n\n`]),
  'a frame that never ends': stream([...begun, `data: {"${CANARY}`]),
  'silence in the stream': hangingStream(begun),
};

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(gateway.url() + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, ...headers },
    body,
  });
  return { status: answer.status, text: await answer.text() };
}

const CHAT_PATH = '/v1/chat/completions';
const seal = (payload: object | string): string =>
  printSealed(caller.seal(typeof payload === 'string' ? payload : JSON.stringify(payload)));

const expectNothing = async (): Promise<void> =>
  expect(await findEverywhere(gateway, [CANARY, PROVIDER_KEY])).toEqual([]);

test('the search finds what is there: an id that is logged and stored', async () => {
  upstream.always(json(200, completion('Hello!')));
  const { text } = await post(CHAT_PATH, JSON.stringify(chat()));
  const id: string = JSON.parse(text).nexevo.generation_id;
  await expect
    .poll(async () => (await findEverywhere(gateway, [id])).map((hit) => hit.split(':')[0]))
    .toEqual(
      expect.arrayContaining(['output', 'public.generations', expect.stringMatching(/pg_wal/)]),
    );
});

test('plain requests leave no content, whatever their upstream does', async () => {
  for (const [isStream, scripts] of [
    [false, WHOLE],
    [true, STREAMED],
  ] as const) {
    for (const [number, script] of Object.values(scripts).entries()) {
      upstream.always(script);
      const own = { model: `here/plain-${number}`, stream: isStream };
      const { text } = await post(CHAT_PATH, JSON.stringify(chat(own)));
      expect(text).not.toBe('');
      await post(CHAT_PATH, JSON.stringify(chat({ ...own, model: `claude/plain-${number}` })));
    }
  }
  upstream.always(json(400, ERROR));
  await post('/v1/embeddings', JSON.stringify({ model: 'here/embed', input: CANARY }));
  await expectNothing();
});

test('requests that are refused leave nothing either', async () => {
  const wrong = [
    `{"model": "${CANARY}`,
    CANARY,
    JSON.stringify(chat({ model: CANARY })),
    JSON.stringify(chat({ messages: CANARY })),
    JSON.stringify(chat({ messages: [{ role: CANARY }, CANARY] })),
    JSON.stringify(chat({ provider: { only: [CANARY], data_collection: CANARY } })),
    JSON.stringify(chat({ max_price: { total: CANARY } })),
    JSON.stringify(
      chat({ model: 'claude/model-1', messages: [{ role: CANARY, content: [CANARY] }] }),
    ),
  ];
  for (const body of wrong)
    expect((await post(CHAT_PATH, body)).status).toBeGreaterThanOrEqual(400);
  await post('/v1/embeddings', JSON.stringify({ model: 'here/embed', input: { a: CANARY } }));
  for (const path of [`/${CANARY}`, `/v1/models/${CANARY}`, `${CHAT_PATH}/${CANARY}?${CANARY}`]) {
    const headers = {
      'user-agent': CANARY,
      origin: `https://${CANARY}.example`,
      'x-forwarded-for': CANARY,
      'x-request-id': CANARY,
      cookie: CANARY,
    };
    await post(path, CANARY, headers);
    await fetch(gateway.url() + path, {
      headers: { ...headers, authorization: `Bearer ${CANARY}` },
    });
  }
  await expectNothing();
});

test('callers that leave leave nothing behind', async () => {
  upstream.always(hangingStream(begun));
  for (let count = 0; count < 3; count += 1) {
    const leaving = new AbortController();
    const answer = await fetch(gateway.url() + CHAT_PATH, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}` },
      body: JSON.stringify(chat({ stream: true })),
      signal: leaving.signal,
    });
    await answer.body?.getReader().read();
    leaving.abort();
    await upstream.received.at(-1)?.closed;
  }
  await expectNothing();
});

test.each(['standard', 'high', 'maximum'])(
  'sealed requests on the tier %s leave neither content nor the name of a model',
  async (tier) => {
    const headers = { 'x-security-tier': tier };
    for (const [number, script] of Object.values(WHOLE).entries()) {
      upstream.always(script);
      const name = { model: CANARY, models: [`here/${tier}-${number}`], idempotency_key: CANARY };
      const bound = await caller.bind(chat({ ...name, seed: number, stream: true }));
      const answer = await caller.send(seal(bound), headers);
      if (answer.status !== 200) expect(JSON.stringify(answer)).not.toContain(CANARY);
    }
    const wrong = [
      CANARY,
      chat({ model: CANARY }),
      chat({ messages: [CANARY] }),
      chat({ nonce: CANARY }),
      chat({ model: 'claude/model-1', messages: [{ role: CANARY, content: [CANARY] }] }),
    ];
    for (const payload of wrong) {
      const refusal = await caller.send(seal(payload), headers);
      expect(refusal.status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(refusal)).not.toContain(CANARY);
    }
    const garbage = JSON.stringify({ version: CANARY, [CANARY]: CANARY });
    await caller.send(garbage, { 'x-payload-id': CANARY, 'x-public-key': CANARY });
    await caller.send(CANARY, headers);
    await expectNothing();
  },
);

test('nor does a plain request’s record tell more than the model it asked for', async () => {
  upstream.always(json(200, completion(CANARY)));
  const asked = `asked-${randomBytes(8).toString('hex')}`;
  await post(CHAT_PATH, JSON.stringify(chat({ model: asked, models: [model] })));
  const count = () =>
    queryDatabase<{ count: string }>(
      gateway,
      'select count(*) from generations where model_asked = $1',
      [asked],
    );
  // On purpose: without it nobody can tell what callers still ask for. The sealed route does not keep it.
  await expect.poll(count).toEqual([{ count: '1' }]);
  await expectNothing();
});

test('what waits in the journal holds no content', async () => {
  upstream.always(json(200, completion(CANARY)));
  await withDatabase(gateway, async (session) => {
    await session.query('begin');
    await session.query('lock table generations in access exclusive mode');
    const { text } = await post(CHAT_PATH, JSON.stringify(chat()));
    const sealed = await caller.send(seal(chat({ model: CANARY, models: [model] })));
    expect(sealed.status).toBe(200);
    const id: string = JSON.parse(text).nexevo.generation_id;
    const hits = await findInFiles(gateway.dataDir, [id]);
    expect(hits).toEqual([expect.stringContaining('/journal/')]);
    expect(await findInFiles(gateway.dataDir, [CANARY])).toEqual([]);
  });
});

test('keys are on disk as hashes only, and nowhere after a stop', async () => {
  const { secret } = await createKey(gateway);
  upstream.always(json(200, completion('Hello!')));
  const headers = { authorization: `Bearer ${secret}` };
  expect((await post(CHAT_PATH, JSON.stringify(chat()), headers)).status).toBe(200);
  expect(upstream.received.at(-1)?.headers.authorization).toBe(`Bearer ${PROVIDER_KEY}`);

  const hashes = await queryDatabase<{ hash: string }>(
    gateway,
    "select encode(secret_hash, 'hex') as hash from api_keys",
  );
  expect(hashes).toContainEqual({ hash: sha256Hex(secret) });
  // All but the beginning that lists show.
  const secrets = [secret, gateway.key].map((text) => text.slice('sk-xc-'.length + 6));
  expect(await findEverywhere(gateway, [...secrets, CANARY, PROVIDER_KEY])).toEqual([]);
  await gateway.stop();
  expect(await findInFiles(gateway.dataDir, [...secrets, CANARY, PROVIDER_KEY])).toEqual([]);
});

/** The same host as each kind of upstream, with so many models that no test breaks another's. */
function yamlOfAllKinds(): string {
  const numbers = Array.from({ length: 30 }, (_, index) => index);
  const names = ['model', 'plain', 'standard', 'high', 'maximum'].flatMap((group) =>
    numbers.map((number) => `${group}-${number}`),
  );
  const models = names.map((name) => `      - { id: ${name}, price: { input: 1, output: 2 } }`);
  const upstreamOf = (id: string, kind: string): string => `
  - id: ${id}
    kind: ${kind}
    base_url: ${upstream.url}
    api_key_env: PROVIDER_KEY
    trust: local
    timeouts: { first_byte_ms: 500, idle_ms: 300 }
    models:
      - { id: embed, price: { input: 1, output: 0 }, capabilities: [embeddings] }
${models.join('\n')}`;
  return `upstreams:${upstreamOf('here', 'openai')}${upstreamOf('claude', 'anthropic')}\n`;
}
