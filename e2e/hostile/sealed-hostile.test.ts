import { constants, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SecureCompletionClient } from '@sealgate/sdk/secure';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHttpServer, sealedChat, type KeyGate } from '../../apps/gateway/src/http/index.ts';
import type { ChatServices } from '../../apps/gateway/src/inference/chat/index.ts';
import {
  createSealedChat,
  DEFAULT_ATTESTATION,
  DEFAULT_SEALED_LIMITS,
  generateServerKey,
} from '../../apps/gateway/src/inference/sealed/index.ts';
import { Secret } from '../../apps/gateway/src/platform/secret.ts';
import { answer, json, startFakeUpstream, type FakeUpstream } from '../fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from '../harness.ts';
import { queryDatabase } from './gateway-database.ts';
import { say, type RawAnswer } from './raw-socket.ts';
import { expectRefusal } from './refusal-envelope.ts';
import {
  printSealed,
  sealedCaller,
  type SealedCaller,
  type SealedParts,
  type Sealing,
} from './sealed-caller.ts';

const CANARY = 'canary-5b1f0c';
const PATH = '/v1/chat/secure_completion';
const MAX_PLAINTEXT_BYTES = 10 * 1024 * 1024;

let upstream: FakeUpstream;
let gateway: Gateway;
let caller: SealedCaller;
let stranger: SealedCaller;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({ yaml: yamlOfThreeTrusts() });
  [caller, stranger] = await Promise.all([sealedCaller(gateway), sealedCaller(gateway)]);
});
afterAll(() => upstream.close());
beforeEach(() => {
  upstream.received.length = 0;
  upstream.always(answer('Hello!'));
});

const payload = (changes: object = {}) => ({
  model: 'here/model-a',
  messages: [{ role: 'user', content: CANARY }],
  ...changes,
});
const sealed = (plaintext: object | string | Buffer = payload(), sealing?: Sealing): SealedParts =>
  caller.seal(
    typeof plaintext === 'string' || Buffer.isBuffer(plaintext)
      ? plaintext
      : JSON.stringify(plaintext),
    sealing,
  );

describe('what cannot be opened', () => {
  let refused: ReturnType<typeof comparable>;
  beforeAll(async () => {
    const damaged = { ...sealed(), tag: Buffer.alloc(16) };
    const refusal = await caller.send(printSealed(damaged));
    expectRefusal(refusal, { status: 400, code: 'sealed_request_invalid' });
    refused = comparable(refusal);
  });

  /** Sends bodies, a few at a time, and compares every answer with the one above. */
  async function expectTheSameAnswer(bodies: readonly (string | Uint8Array)[]): Promise<void> {
    const waiting = [...bodies];
    const sendAll = async (): Promise<void> => {
      for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
        const got = await caller.send(body);
        expect(comparable(got), Buffer.from(body).toString('latin1').slice(0, 300)).toEqual(
          refused,
        );
      }
    };
    await Promise.all(Array.from({ length: 16 }, sendAll));
    expect(upstream.received).toHaveLength(0);
  }

  test('one flipped bit in any byte of ciphertext, nonce or tag, or in the wrapped key', async () => {
    const parts = sealed();
    const names = ['ciphertext', 'nonce', 'tag', 'wrappedKey'] as const;
    const bodies = names.flatMap((name) =>
      Array.from(parts[name], (_, index) =>
        printSealed({ ...parts, [name]: flipped(parts[name], index) }),
      ).filter((_, index) => name !== 'wrappedKey' || index % 5 === 0),
    );
    await expectTheSameAnswer(bodies);
  });

  test('a truncated envelope, wherever it is cut', async () => {
    const whole = printSealed(sealed());
    const cuts = Array.from({ length: 60 }, (_, index) => Math.floor((index * whole.length) / 60));
    await expectTheSameAnswer([...cuts, whole.length - 1].map((end) => whole.slice(0, end)));
  });

  test('a part that is missing, too short, too long, of another type or another encoding', async () => {
    const parts = sealed();
    const { ciphertext, nonce, tag, wrappedKey } = parts;
    const base64 = (bytes: Buffer): string => bytes.toString('base64');
    const inner = { ciphertext: base64(ciphertext), nonce: base64(nonce), tag: base64(tag) };
    const wrong: unknown[] = [undefined, null, '', 7, {}, [], '*', 'AA', 'AA==\n', '\u{1F600}'];
    await expectTheSameAnswer([
      ...wrong.flatMap((value) => [
        printSealed(parts, { encrypted_payload: value }),
        printSealed(parts, { encrypted_aes_key: value }),
        printSealed(parts, { encrypted_payload: { ...inner, ciphertext: value } }),
        printSealed(parts, { encrypted_payload: { ...inner, nonce: value } }),
      ]),
      // Without a tag the layout is the other one, and the ciphertext's end is taken for it.
      ...wrong.flatMap((tag) => [printSealed(parts, { encrypted_payload: { ...inner, tag } })]),
      ...[tag.subarray(1), Buffer.concat([tag, tag])].map((part) =>
        printSealed({ ...parts, tag: part }),
      ),
      ...[nonce.subarray(1), Buffer.concat([nonce, nonce])].map((part) =>
        printSealed({ ...parts, nonce: part }),
      ),
      ...[wrappedKey.subarray(1), Buffer.concat([wrappedKey, wrappedKey])].map((part) =>
        printSealed({ ...parts, wrappedKey: part }),
      ),
      printSealed({ ...parts, ciphertext: ciphertext.subarray(1) }),
      printSealed(parts, { encrypted_aes_key: wrappedKey.toString('base64url') }),
      printSealed(parts, { encrypted_aes_key: wrappedKey.toString('hex') }),
    ]);
  });

  test('another version or algorithm', async () => {
    const fields = ['version', 'algorithm', 'key_algorithm', 'payload_algorithm'];
    await expectTheSameAnswer(
      fields.flatMap((field) =>
        ['2.0', 'none', null, 1].map((value) => printSealed(sealed(), { [field]: value })),
      ),
    );
  });

  test('a key that was wrapped otherwise, for somebody else, or has another length', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
    const sealings: Sealing[] = [
      { serverKey: publicKey },
      { padding: constants.RSA_PKCS1_PADDING },
      { oaepHash: 'sha1' },
      { aesKey: randomBytes(16) },
    ];
    await expectTheSameAnswer(sealings.map((sealing) => printSealed(sealed(payload(), sealing))));
  });

  test('garbage of all kinds', async () => {
    const garbage = fc.sample(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      ),
      { numRuns: 150, seed: 1 },
    );
    await expectTheSameAnswer([
      ...garbage,
      'null',
      '[]',
      '{}',
      '['.repeat(100_000),
      `{"version":"1.0","algorithm":"hybrid-aes256-rsa4096","a":${'[{"b":'.repeat(50_000)}`,
      JSON.stringify({ ...JSON.parse(printSealed(sealed())), version: undefined }),
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(printSealed(sealed()))]),
    ]);
  });

  test('a request of our SDK under the public key of somebody else', async () => {
    const bound = sealed(await caller.bind(payload()));
    const swapped = await caller.send(printSealed(bound), {
      'x-public-key': stranger.publicKeyHeader,
    });
    expect(comparable(swapped)).toEqual(refused);
    expect(upstream.received).toHaveLength(0);
  });

  test('and afterwards an honest request still gets its answer', async () => {
    const opened = await caller.open(await caller.send(printSealed(sealed())));
    expect(opened).toMatchObject({ choices: [{ message: { content: 'Hello!' } }] });
  });
});

describe('what can be opened and is not right', () => {
  test.each([
    ['no JSON', CANARY],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['no object', JSON.stringify([CANARY])],
    ['too deep', `{"model":"here/model-a","messages":[],"a":${'['.repeat(300)}${']'.repeat(300)}}`],
    ['no model', { messages: [{ role: 'user', content: CANARY }] }],
    ['no messages', { model: 'here/model-a', prompt: CANARY }],
    ['a message that is none', payload({ messages: [CANARY] })],
    ['half a binding', payload({ nonce: CANARY })],
    ['an idempotency key that is none', payload({ idempotency_key: `${CANARY} ü` })],
    ['a tier inside that is none', payload({ security_tier: CANARY })],
    ['a price that is none', payload({ max_price: CANARY })],
    ['a list of models that is none', payload({ models: CANARY })],
  ])('%s: 400 that repeats nothing', async (_name, plaintext) => {
    const refusal = await caller.send(printSealed(sealed(plaintext)));
    expectRefusal(refusal, { status: 400, code: 'invalid_request_error' });
    expect(JSON.stringify(refusal)).not.toContain(CANARY);
    expect(upstream.received).toHaveLength(0);
  });

  test('an unknown model: 404 that does not repeat its name', async () => {
    const refusal = await caller.send(printSealed(sealed(payload({ model: CANARY }))));
    expectRefusal(refusal, { status: 404, code: 'model_not_found' });
    expect(JSON.stringify(refusal)).not.toContain(CANARY);
  });

  test.each([
    ['x-payload-id', 'too long', CANARY.padEnd(129, 'a')],
    ['x-payload-id', 'empty', ''],
    ['x-public-key', 'empty', ''],
    ['x-public-key', 'no key', CANARY],
    ['x-public-key', 'wrongly encoded', '%'],
    ['x-public-key', 'too long', CANARY.padEnd(4097, 'a')],
    ['x-security-tier', 'unknown', CANARY],
    ['x-security-tier', 'capitalised', 'Standard'],
    ['x-security-tier', 'empty', ''],
  ])('%s, %s: 400 that names the header and repeats nothing', async (name, _fault, value) => {
    const refusal = await caller.send(printSealed(sealed()), { [name]: value });
    expectRefusal(refusal, { status: 400, code: 'invalid_request_error' });
    expect(JSON.parse(refusal.body).error.param.toLowerCase()).toBe(name);
    expect(JSON.stringify(refusal)).not.toContain(CANARY);
  });

  test('a public key that is too short to keep a secret', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const headers = { 'x-public-key': encodeURIComponent(pem) };
    const refusal = await caller.send(printSealed(sealed()), headers);
    expectRefusal(refusal, { status: 400, code: 'invalid_request_error' });
  });

  test('a plaintext of 10 MiB passes, and one byte more gets 413', async () => {
    const empty = JSON.stringify(payload({ messages: [{ role: 'user', content: '' }] }));
    const content = 'a'.repeat(MAX_PLAINTEXT_BYTES - empty.length);
    const exact = JSON.stringify(payload({ messages: [{ role: 'user', content }] }));
    expect(exact).toHaveLength(MAX_PLAINTEXT_BYTES);
    expect((await caller.send(printSealed(sealed(exact)))).status).toBe(200);
    const refusal = await caller.send(printSealed(sealed(`${exact} `)));
    expectRefusal(refusal, { status: 413, code: 'payload_too_large' });
  });

  test('an upstream that quotes the request in its error is not quoted', async () => {
    for (const status of [400, 401, 404, 422, 500]) {
      upstream.always(json(status, { error: { message: `bad: ${CANARY}` } }));
      const refusal = await caller.send(printSealed(sealed()));
      expect(refusal.status).toBe(status === 400 || status === 422 ? 400 : 502);
      expect(JSON.stringify(refusal)).not.toContain(CANARY);
    }
  });
});

describe('replays', () => {
  test('what our SDK has sent once is refused the second time, whatever came of the first', async () => {
    const spy = vi.spyOn(globalThis, 'fetch');
    const client = new SecureCompletionClient({
      routerUrl: gateway.url(),
      allowHttp: true,
      keySize: 2048,
      maxRetries: 0,
    });
    await client.generateKeys();
    await client.sendSecureRequest(payload(), 'payload-1', gateway.key);
    upstream.always(json(500, {}));
    const failed = client.sendSecureRequest(payload(), 'payload-2', gateway.key);
    await expect(failed).rejects.toThrow('failed');
    const sent = spy.mock.calls.filter(([url]) => url === gateway.url() + PATH);
    spy.mockRestore();
    expect(sent).toHaveLength(2);

    upstream.received.length = 0;
    for (const [url, init] of sent) {
      const replayed = await fetch(url, init);
      const { status, headers } = replayed;
      const text = { status, headers: Object.fromEntries(headers), body: await replayed.text() };
      expectRefusal(text, { status: 409, code: 'replayed_request' });
      expect(headers.get('x-should-retry')).toBe('false');
    }
    expect(upstream.received).toHaveLength(0);
  });

  test('a bound request from yesterday, or from tomorrow, is refused', async () => {
    for (const offset of [-301, 301]) {
      const bound = { ...(await caller.bind(payload())), ts: Math.floor(Date.now() / 1000) };
      const stale = sealed({ ...bound, ts: bound.ts + offset });
      const refusal = await caller.send(printSealed(stale));
      expectRefusal(refusal, { status: 400, code: 'invalid_request_error' });
    }
  });
});

describe('tiers', () => {
  const onTier = (tier: string, model: string): Promise<RawAnswer> =>
    caller.send(printSealed(sealed(payload({ model }))), { 'x-security-tier': tier });

  test('a public upstream serves neither high nor maximum', async () => {
    expectRefusal(await onTier('high', 'far/model-a'), { status: 403, code: 'tier_not_allowed' });
    expect((await onTier('maximum', 'far/model-a')).status).not.toBe(200);
  });

  test('a private upstream serves high and never maximum; a local one serves maximum where memory is locked', async () => {
    const opened = await caller.open(await onTier('high', 'near/model-a'));
    const { security_tier: tier, memory_protection: memory } = opened['_metadata'] as {
      security_tier: string;
      memory_protection: { has_memory_locking: boolean };
    };
    expect(tier).toBe('high');
    upstream.received.length = 0;
    const [onPrivate, onLocal] = [
      await onTier('maximum', 'near/model-a'),
      await onTier('maximum', 'here/model-a'),
    ];
    if (memory.has_memory_locking) {
      expectRefusal(onPrivate, { status: 403, code: 'tier_not_allowed' });
      expect(onLocal.status).toBe(200);
      expect(upstream.received).toHaveLength(1);
    } else {
      for (const refusal of [onPrivate, onLocal])
        expectRefusal(refusal, { status: 503, code: 'memory_not_protected' });
      expect(upstream.received).toHaveLength(0);
    }
  });

  test('fallbacks and pools are no way around it', async () => {
    const models = payload({ model: 'far/model-a', models: ['far/model-b', 'near/model-a'] });
    const answered = await caller.send(printSealed(sealed(models)), { 'x-security-tier': 'high' });
    expect(answered.headers['x-nexevo-models-tried']).toBe('near/model-a');
    const only = payload({ model: 'nexevo/auto', provider: { only: ['far'] } });
    const refusal = await caller.send(printSealed(sealed(only)), { 'x-security-tier': 'high' });
    expect(refusal.status).toBeGreaterThanOrEqual(400);
    expect(upstream.received).toHaveLength(1);
  });

  test('a tier inside counts, and must not differ from the header', async () => {
    const inside = payload({ model: 'far/model-a', security_tier: 'high' });
    expectRefusal(await caller.send(printSealed(sealed(inside))), {
      status: 403,
      code: 'tier_not_allowed',
    });
    const refusal = await caller.send(printSealed(sealed(inside)), {
      'x-security-tier': 'standard',
    });
    expectRefusal(refusal, { status: 400, code: 'invalid_request_error' });
  });
});

describe('one request, one generation', () => {
  test('`stream` inside does not stream, and no upstream sees the fields that are ours', async () => {
    const fields = { stream: true, stream_options: { include_usage: true }, api_key: CANARY };
    const bound = await caller.bind(payload({ ...fields, idempotency_key: 'once-and-whole' }));
    const opened = await caller.open(await caller.send(printSealed(sealed(bound))));
    expect(opened).toMatchObject({ object: 'chat.completion' });
    const [request] = upstream.received;
    expect(request?.body).toEqual({
      model: 'model-a',
      messages: payload().messages,
      stream: false,
      max_tokens: 16_384,
    });
  });

  test('retries with one idempotency key are generated and billed once, also when they meet', async () => {
    const retry = async (): Promise<RawAnswer> =>
      caller.send(
        printSealed(sealed(await caller.bind(payload({ idempotency_key: 'retry-1', seed: 1 })))),
      );
    const answers = [...(await Promise.all([retry(), retry(), retry(), retry()])), await retry()];
    const ids = await Promise.all(
      answers.map(async (sealedAnswer) => {
        const { nexevo } = await caller.open(sealedAnswer);
        return (nexevo as { generation_id: string }).generation_id;
      }),
    );
    expect(new Set(ids).size).toBe(1);
    expect(upstream.received).toHaveLength(1);
    // No header tells of a generation that never was.
    const named = answers.flatMap(({ headers }) => headers['x-nexevo-generation-id'] ?? []);
    expect(named).toEqual([ids[0]]);

    const other = payload({ idempotency_key: 'retry-1', seed: 2 });
    const otherAnswer = await caller.open(await caller.send(printSealed(sealed(other))));
    const otherId = (otherAnswer['nexevo'] as { generation_id: string }).generation_id;
    expect(ids).not.toContain(otherId);

    await expect.poll(() => billedSince(ids[0] ?? '')).toEqual([ids[0], otherId]);
  });

  test('a generation that failed may be tried again', async () => {
    upstream.always(json(500, {}));
    const request = payload({ idempotency_key: 'retry-2' });
    expect((await caller.send(printSealed(sealed(request)))).status).toBe(502);
    upstream.always(answer('Hello!'));
    expect((await caller.send(printSealed(sealed(request)))).status).toBe(200);
  });
});

describe('limits of sealed chat', () => {
  test('two a second, four once: the rest gets 429 with Retry-After, before anything is read', async () => {
    const strict = await startGateway({
      yaml: yamlFor(upstream),
      env: { SEALGATE_SEALED_RATE_PER_SECOND: '2', SEALGATE_SEALED_BURST: '4' },
    });
    const authorization = `Bearer ${strict.key}`;
    const models = await fetch(`${strict.url()}/v1/models`, { headers: { authorization } });
    expect(models.status).toBe(200);
    const request = (connection: string): string =>
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n` +
      `Connection: ${connection}\r\nContent-Length: 2\r\n\r\n{}`;
    // On one connection and in one piece, so that no slow machine makes two seconds of it.
    const text = await say(strict.url(), request('keep-alive').repeat(9) + request('close'));
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    expect(statuses).toEqual([...Array(4).fill('400'), ...Array(6).fill('429')]);
    expect(text.match(/retry-after: 1\r\n/g)).toHaveLength(6);
  });

  test('who goes on all the same is shut out for half an hour', async () => {
    let nowMs = 1_800_000_000_000;
    const { url, close } = await sealedRouteAt(() => nowMs);
    const send = async (): Promise<RawAnswer> => {
      const got = await fetch(url + PATH, { method: 'POST', body: '{}' });
      return {
        status: got.status,
        headers: Object.fromEntries(got.headers),
        body: await got.text(),
      };
    };
    for (let second = 0; second < DEFAULT_SEALED_LIMITS.abusiveSeconds; second += 1) {
      nowMs += 1000;
      const answers = [await send(), await send(), await send(), await send(), await send()];
      expect(answers[0]?.status).toBe(400);
      expect(answers[4]?.status).toBeGreaterThanOrEqual(429);
    }
    const shutOut = await send();
    expectRefusal(shutOut, { status: 503, code: 'sealed_cool_down' });
    expect(shutOut.headers).toMatchObject({ 'retry-after': '1800', 'x-should-retry': 'false' });
    nowMs += DEFAULT_SEALED_LIMITS.coolDownMs;
    expect((await send()).status).toBe(400);
    close();
  });
});

/** The sealed route on its real limits, with the clock in our hands. */
async function sealedRouteAt(clock: () => number) {
  const sealed = await createSealedChat({
    clock,
    installationSecret: new Secret('installation'),
    limits: DEFAULT_SEALED_LIMITS,
    attestation: { ...DEFAULT_ATTESTATION, tpm: { kind: 'off' } },
    isMemoryLockingWanted: false,
    onFault: () => undefined,
    generateKey: () => generateServerKey(2048),
  });
  const verdict = { kind: 'valid', key: { id: 'key_1', organizationId: 'org_1' } };
  const take = () => ({ isAllowed: true, limit: 1000, remaining: 1000, resetSeconds: 1 });
  // No more than this route asks of it.
  const gate = {
    keys: { verifyCached: () => verdict },
    requests: { take },
  } as unknown as KeyGate;
  const server = createHttpServer({
    // Nothing in this test gets as far as a model.
    rawRoutes: { [PATH]: sealedChat(gate, {} as ChatServices, sealed) },
    fetch: () => new Response('other'),
    surroundings: {
      callerAddress: () => 'test',
      corsHeaders: () => ({}),
      now: clock,
      onRequestEnd: () => undefined,
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close().closeAllConnections();
      sealed.close();
    },
  };
}

/** Generations that cost something, from the given one on, oldest first. */
async function billedSince(id: string): Promise<readonly string[]> {
  const rows = await queryDatabase<{ id: string }>(
    gateway,
    'select id from generations where id >= $1 and cost_nano > 0 order by id',
    [id],
  );
  return rows.map((row) => row.id);
}

function flipped(bytes: Buffer, index: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
  return changed;
}

/** All of an answer but what differs between two equal ones. */
function comparable({ status, headers, body }: RawAnswer) {
  const volatile = /^(date|x-trace-id|x-request-id|x-ratelimit-)/;
  const kept = Object.entries(headers).filter(([name]) => !volatile.test(name));
  return { status, headers: Object.fromEntries(kept), body };
}

/** `far` is public, `near` private and `here` local; the last two are the same scripted host. */
function yamlOfThreeTrusts(): string {
  const model = `
    models:
      - { id: model-a, price: { input: 1, output: 2 } }
      - { id: model-b, price: { input: 1, output: 2 } }`;
  return `
upstreams:
  - id: far
    base_url: https://far.invalid/v1
    trust: public${model}
  - id: near
    base_url: ${upstream.url}
    trust: private${model}
  - id: here
    base_url: ${upstream.url}
    trust: local${model}
`;
}
