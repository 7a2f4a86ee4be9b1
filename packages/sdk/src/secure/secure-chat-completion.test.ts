import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPublicKey } from '@sealgate/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordingRuntime } from '../../testing/recording-runtime.ts';
import { hangUp, json } from '../../testing/scripted-server.ts';
import { demand, startSealedServer } from '../../testing/sealed-server.ts';
import type { SealedServer } from '../../testing/sealed-server.ts';
import {
  APIConnectionError,
  APIError,
  APITimeoutError,
  AuthenticationError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitError,
  RequestAbortedError,
  SealgateError,
  SecureChatCompletion,
  SecurityError,
  ServerError,
  ServiceUnavailableError,
  getMemoryProtectionInfo,
} from './index.ts';
import type { SecureChatCompletionOptions } from './index.ts';

const QUESTION = { model: 'local/math', messages: [{ role: 'user', content: 'canary' }] } as const;
const NOW_MS = 1_800_000_000_000;

let smallKeyPem: string;
let keyDir: string;
let server: SealedServer;
let runtime: ReturnType<typeof recordingRuntime>;
let chat: SecureChatCompletion;

// A small key on file: making one of 4096 bits for each test would take minutes.
beforeAll(() => {
  smallKeyPem = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
});
beforeEach(async () => {
  keyDir = await mkdtemp(join(tmpdir(), 'sealgate-sdk-'));
  await writeFile(join(keyDir, 'private_key.pem'), smallKeyPem);
  server = await startSealedServer(NOW_MS);
  runtime = recordingRuntime(NOW_MS);
  chat = open();
});
afterEach(async () => {
  chat.dispose();
  await server.close();
  await rm(keyDir, { recursive: true });
});

function open(options: Partial<SecureChatCompletionOptions> = {}): SecureChatCompletion {
  const defaults = { baseUrl: server.url, allowHttp: true, apiKey: 'sk-xc-1', keyDir };
  return new SecureChatCompletion({ ...defaults, ...options }, runtime);
}

describe('a sealed chat', () => {
  test('hides everything from the way, and nothing from the server', async () => {
    server.script.push(server.sealed({ usage: { total_tokens: 3 } }));
    const answer = await chat.create({ ...QUESTION, temperature: 0.5, security_tier: 'high' });

    expect(answer).toMatchObject({ id: 'gen_1', usage: { total_tokens: 3 } });
    const [request] = server.requests;
    expect(Buffer.from(request?.body ?? []).toString()).not.toContain('canary');
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/chat/secure_completion',
      headers: {
        'content-type': 'application/octet-stream',
        authorization: 'Bearer sk-xc-1',
        'x-security-tier': 'high',
        'x-payload-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    const { payload, binding, tagLayout } = await server.open(request);
    expect(payload).toMatchObject({ ...QUESTION, temperature: 0.5 });
    expect(Object.keys(payload).toSorted()).toEqual([
      'client_key_sha256',
      'idempotency_key',
      'messages',
      'model',
      'nonce',
      'temperature',
      'ts',
    ]);
    expect(binding).toBe('bound');
    expect(tagLayout).toBe('separate');
  });

  test('keeps the server’s metadata under its own', async () => {
    const theirs = { security_tier: 'standard', payload_id: 'forged', is_encrypted: false };
    server.script.push(server.sealed({ _metadata: theirs }));
    const { _metadata: metadata } = await chat.create(QUESTION);
    expect(metadata).toEqual({
      security_tier: 'standard',
      payload_id: server.requests[0]?.headers['x-payload-id'],
      processed_at: NOW_MS / 1000,
      is_encrypted: true,
      encryption_algorithm: 'hybrid-aes256-rsa4096',
    });
  });

  test('reads both tag layouts', async () => {
    server.script.push(server.sealed({}, { tagLayout: 'appended' }));
    expect((await chat.acreate(QUESTION)).id).toBe('gen_1');
  });

  test('takes the key of the call before that of the client', async () => {
    server.script.push(server.sealed());
    await chat.create({ ...QUESTION, api_key: 'sk-xc-2' });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-xc-2');
    expect((await server.open(server.requests[0])).payload).not.toHaveProperty('api_key');
  });

  test('goes to another server for one call', async () => {
    server.script.push(server.sealed());
    const away = open({ baseUrl: 'https://nowhere.invalid' });
    expect((await away.create({ ...QUESTION, base_url: `${server.url}/v1/` })).id).toBe('gen_1');
    expect((await server.open(server.requests[0])).payload).not.toHaveProperty('base_url');
    away.dispose();
    await expect(away.create({ ...QUESTION, base_url: server.url })).rejects.toThrow(/disposed/);
  });

  test('without a key directory has a key of 4096 bits that no file holds', async () => {
    server.script.push(server.sealed());
    const ephemeral = open({ keyDir: undefined });
    await ephemeral.create(QUESTION);
    expect((await server.open(server.requests[0])).clientKey.modulusBits).toBe(4096);
    ephemeral.dispose();
  });

  test('makes one key for calls that start together', async () => {
    await rm(join(keyDir, 'private_key.pem'));
    server.script.push(server.sealed(), server.sealed());
    await Promise.all([chat.create(QUESTION), chat.create(QUESTION)]);
    const keys = server.requests.map(({ headers }) => headers['x-public-key']);
    expect(new Set(keys).size).toBe(1);
    const saved = await readFile(join(keyDir, 'public_key.pem'), 'utf8');
    expect(decodeURIComponent(String(keys[0]))).toBe(saved);
  });

  test('tells what protects the memory, and what does not', () => {
    expect(getMemoryProtectionInfo()).toMatchObject({ canLock: false, method: 'zero-only' });
  });
});

describe('what is never sent', () => {
  test('wrong arguments', async () => {
    const { model, messages } = QUESTION;
    await expect(chat.create({ messages } as never)).rejects.toThrow(TypeError);
    await expect(chat.create({ model } as never)).rejects.toThrow(TypeError);
    const tier = chat.create({ ...QUESTION, security_tier: 'secret' as never });
    await expect(tier).rejects.toThrow(/standard, high, maximum/);
    expect(() => open({ keyRotationPassword: 'short' })).toThrow(TypeError);
    expect(server.requests).toHaveLength(0);
  });

  test('more than ten megabytes', async () => {
    const content = 'a'.repeat(10 * 1024 * 1024);
    const call = chat.create({ ...QUESTION, messages: [{ role: 'user', content }] });
    await expect(call).rejects.toThrow(RangeError);
    expect(server.requests).toHaveLength(0);
  });

  test.each(['', 'http://', 'ftp://'])(
    'anything over %j, unless plain HTTP is allowed',
    async (scheme) => {
      const fetched: unknown[] = [];
      const watched = { ...runtime, fetch: (url: unknown) => Promise.reject(fetched.push(url)) };
      const options = { baseUrl: `${scheme}127.0.0.1:1`, allowHttp: scheme !== 'http://', keyDir };
      const insecure = new SecureChatCompletion(options, watched);
      await expect(insecure.create(QUESTION)).rejects.toThrow(SecurityError);
      expect(fetched).toEqual([]);
      insecure.dispose();
    },
  );

  test('a request to a key that is none', async () => {
    const fetch = () => Promise.resolve(new Response('-----BEGIN PUBLIC KEY-----'));
    const misled = new SecureChatCompletion(
      { baseUrl: 'https://a.invalid', keyDir },
      { ...runtime, fetch },
    );
    await expect(misled.create(QUESTION)).rejects.toThrow(SecurityError);
    misled.dispose();
  });

  test('a request to where a redirect leads', async () => {
    server.script.push((response) => response.writeHead(307, { location: '/elsewhere' }).end());
    await expect(chat.create(QUESTION)).rejects.toMatchObject({ statusCode: 307 });
    expect(server.requests).toHaveLength(1);
  });

  test('anything after dispose', async () => {
    server.script.push(server.sealed());
    await chat.create(QUESTION);
    chat.dispose();
    const call = chat.create(QUESTION);
    await expect(call).rejects.toThrow(SealgateError);
    await expect(call).rejects.toThrow(/disposed/);
    expect(server.requests).toHaveLength(1);
  });
});

describe('answers that are not believed', () => {
  test('one sealed to another key', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    server.script.push(server.sealed({}, { toKey: demand(await importPublicKey(pem)) }));
    await expect(chat.create(QUESTION)).rejects.toThrow(SecurityError);
    expect(server.requests).toHaveLength(1);
  });

  test('one that is no envelope', async () => {
    server.script.push(json(200, { id: 'gen_1', choices: [] }));
    await expect(chat.create(QUESTION)).rejects.toMatchObject({
      name: 'SecurityError',
      isSafeToRetry: false,
    });
  });

  test('one from a lower tier than asked, but one from a higher', async () => {
    server.script.push(
      server.sealed({ _metadata: { security_tier: 'standard' } }),
      server.sealed({ _metadata: { security_tier: 'maximum' } }),
    );
    const ask = () => chat.create({ ...QUESTION, security_tier: 'high' });
    await expect(ask()).rejects.toThrow(/"high", but answered on "standard"/);
    expect((await ask())._metadata.security_tier).toBe('maximum');
  });
});

describe('refusals', () => {
  test.each([
    [400, InvalidRequestError, 'Bad request: why'],
    [401, AuthenticationError, 'why'],
    [402, APIError, 'Unexpected status code: 402 why'],
    [403, ForbiddenError, 'Forbidden: why'],
    [404, NotFoundError, 'Endpoint not found: why'],
    [429, RateLimitError, 'Rate limit exceeded: why'],
    [500, ServerError, 'Server error: why'],
    [502, APIError, 'Unexpected status code: 502 why'],
    [503, ServiceUnavailableError, 'Service unavailable: why'],
  ])(
    'status %i has its class and the sentence of the published clients',
    async (status, ErrorClass, message) => {
      server.script.push(json(status, { detail: 'why' }));
      const caught: unknown = await open({ maxRetries: 0 })
        .create(QUESTION)
        .catch((reason: unknown) => reason);
      expect((caught as APIError).constructor).toBe(ErrorClass);
      expect(caught).toMatchObject({
        message,
        statusCode: status,
        errorDetails: { detail: 'why' },
      });
    },
  );

  test('a body that is no JSON changes nothing', async () => {
    server.script.push((response) => response.writeHead(403).end('<html>'));
    await expect(chat.create(QUESTION)).rejects.toMatchObject({
      name: 'ForbiddenError',
      message: 'Forbidden: Model not allowed for the requested security tier',
    });
  });
});

describe('retries', () => {
  test('seal the same wish anew each time', async () => {
    server.script.push(json(503, {}), hangUp, server.sealed());
    const answer = await chat.create(QUESTION);

    expect(runtime.waitsMs).toEqual([1000, 2000]);
    const calls = await Promise.all(server.requests.map((request) => server.open(request)));
    const distinct = (values: unknown[]): number => new Set(values).size;
    expect(distinct(server.requests.map(({ body }) => Buffer.from(body).toString()))).toBe(3);
    expect(distinct(server.requests.map(({ headers }) => headers['x-payload-id']))).toBe(3);
    expect(distinct(calls.map(({ payload }) => payload['nonce']))).toBe(3);
    expect(distinct(calls.map(({ payload }) => payload['idempotency_key']))).toBe(1);
    expect(calls.map(({ binding }) => binding)).toEqual(['bound', 'bound', 'bound']);
    expect(answer._metadata.payload_id).toBe(server.requests[2]?.headers['x-payload-id']);
  });

  test('two wishes are two to the server', async () => {
    server.script.push(server.sealed(), server.sealed());
    await chat.create(QUESTION);
    await chat.create(QUESTION);
    const calls = await Promise.all(server.requests.map((request) => server.open(request)));
    expect(new Set(calls.map(({ payload }) => payload['idempotency_key'])).size).toBe(2);
  });

  test.each([429, 500, 502, 503, 504])('follow status %i', async (status) => {
    server.script.push(json(status, {}), server.sealed());
    expect((await chat.create(QUESTION)).id).toBe('gen_1');
  });

  test.each([400, 401, 402, 403, 404, 408, 409, 413, 422, 529])(
    'never follow status %i',
    async (status) => {
      server.script.push(json(status, {}), server.sealed());
      await expect(chat.create(QUESTION)).rejects.toMatchObject({ statusCode: status });
      expect(server.requests).toHaveLength(1);
    },
  );

  test('wait as long as the server says, and stop where it says so', async () => {
    server.script.push(json(429, {}, { 'retry-after': '7' }), server.sealed());
    await chat.create(QUESTION);
    expect(runtime.waitsMs).toEqual([7000]);
    server.script.push(json(503, {}, { 'x-should-retry': 'false' }));
    await expect(chat.create(QUESTION)).rejects.toThrow(ServiceUnavailableError);
    server.script.push(json(503, {}, { 'retry-after': '1800' }));
    await expect(chat.create(QUESTION)).rejects.toThrow(ServiceUnavailableError);
    expect(runtime.waitsMs).toEqual([7000]);
  });

  test('can be turned off', async () => {
    server.script.push(json(500, {}));
    await expect(open({ maxRetries: 0 }).create(QUESTION)).rejects.toThrow(ServerError);
    expect(server.requests).toHaveLength(1);
  });

  test('end with the last failure', async () => {
    await server.close();
    await expect(chat.create(QUESTION)).rejects.toThrow(APIConnectionError);
    expect(runtime.waitsMs).toEqual([1000, 2000]);
  });

  test('do not follow a timeout', async () => {
    server.script.push(() => undefined);
    await expect(open({ timeout: 200 }).create(QUESTION)).rejects.toThrow(APITimeoutError);
    expect(runtime.waitsMs).toEqual([]);
  });

  test('end when the caller does', async () => {
    const caller = new AbortController();
    server.script.push(() => caller.abort());
    const call = chat.create(QUESTION, { signal: caller.signal });
    await expect(call).rejects.toThrow(RequestAbortedError);
    expect(server.requests).toHaveLength(1);
  });
});

describe('the client’s key', () => {
  test('rotates once a day unless told otherwise, from the first call to dispose', async () => {
    server.script.push(server.sealed());
    expect(runtime.timers).toEqual([]);
    await chat.create(QUESTION);
    expect(runtime.timers).toMatchObject([{ ms: 86_400_000, isStopped: false }]);
    chat.dispose();
    expect(runtime.timers).toMatchObject([{ isStopped: true }]);

    server.script.push(server.sealed());
    const fixed = open({ keyRotationInterval: 0 });
    await fixed.create(QUESTION);
    expect(runtime.timers).toHaveLength(1);
    fixed.dispose();
  });

  test('is another one after a rotation, on file too, and open requests still get their answers', async () => {
    const rotate = async (): Promise<void> => {
      const before = await readFile(join(keyDir, 'private_key.pem'), 'utf8');
      runtime.timers[0]?.task();
      await vi.waitFor(
        async () =>
          expect(await readFile(join(keyDir, 'public_key.pem'), 'utf8')).toContain('PUBLIC'),
        { timeout: 20_000 },
      );
      expect(await readFile(join(keyDir, 'private_key.pem'), 'utf8')).not.toBe(before);
    };
    const sealed = server.sealed();
    server.script.push(
      sealed,
      async (response, request) => {
        await rotate();
        return sealed(response, request);
      },
      sealed,
    );
    for (let call = 0; call < 3; call += 1) await chat.create(QUESTION);
    await vi.waitFor(async () => {
      server.script.push(sealed);
      await chat.create(QUESTION);
      const keys = server.requests.map(({ headers }) => headers['x-public-key']);
      expect(keys[1]).toBe(keys[0]);
      expect(keys.at(-1)).not.toBe(keys[0]);
    });
  });

  test('is never replaced because it could not be read', async () => {
    await writeFile(join(keyDir, 'private_key.pem'), 'damaged');
    await expect(chat.create(QUESTION)).rejects.toThrow(SecurityError);
    expect(await readFile(join(keyDir, 'private_key.pem'), 'utf8')).toBe('damaged');
    await writeFile(join(keyDir, 'private_key.pem'), smallKeyPem);
    server.script.push(server.sealed());
    expect((await chat.create(QUESTION)).id).toBe('gen_1');
  });
});
