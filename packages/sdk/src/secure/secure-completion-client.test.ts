import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { recordingRuntime } from '../../testing/recording-runtime.ts';
import { json } from '../../testing/scripted-server.ts';
import { startSealedServer } from '../../testing/sealed-server.ts';
import type { SealedServer } from '../../testing/sealed-server.ts';
import { SecureCompletionClient, SecurityError } from './index.ts';
import type { SecureCompletionClientOptions } from './index.ts';

const NOW_MS = 1_800_000_000_000;
const PAYLOAD = { model: 'm', messages: [{ role: 'user', content: 'canary' }] };

let server: SealedServer;
let client: SecureCompletionClient;
const make = (options: Partial<SecureCompletionClientOptions> = {}): SecureCompletionClient => {
  const defaults = { routerUrl: server.url, allowHttp: true, keySize: 2048 } as const;
  return new SecureCompletionClient({ ...defaults, ...options }, recordingRuntime(NOW_MS));
};

beforeAll(async () => {
  server = await startSealedServer(NOW_MS);
  client = make();
  await client.generateKeys();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => server.close());

describe('the six steps', () => {
  test('the server’s key comes as PEM, and only over a safe way', async () => {
    expect(await client.fetchServerPublicKey()).toBe(server.publicKeyPem);
    await expect(make({ allowHttp: false }).fetchServerPublicKey()).rejects.toThrow(SecurityError);
  });

  test('what one step seals the server opens, and what it answers another opens', async () => {
    const envelope = await client.encryptPayload(PAYLOAD);
    expect(envelope).toBeInstanceOf(ArrayBuffer);
    server.script.push(server.sealed());
    const { _metadata: metadata } = await client.sendSecureRequest(
      PAYLOAD,
      'id-1',
      'sk',
      'maximum',
    );
    expect(metadata.payload_id).toBe('id-1');
    expect(server.requests.at(-1)?.headers).toMatchObject({
      'x-payload-id': 'id-1',
      'x-security-tier': 'maximum',
      authorization: 'Bearer sk',
    });
    const request = server.requests.at(-1);
    const opened = await server.open(request && { ...request, body: new Uint8Array(envelope) });
    expect(opened).toMatchObject({ payload: PAYLOAD, binding: 'bound' });
  });

  test('an answer from elsewhere is opened, too, as buffer or as bytes', async () => {
    const bodies: ArrayBuffer[] = [];
    const runtime = {
      ...recordingRuntime(NOW_MS),
      fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
        const response = await fetch(input, init);
        bodies.push(await response.clone().arrayBuffer());
        return response;
      },
    };
    const routerUrl = server.url;
    const own = new SecureCompletionClient({ routerUrl, allowHttp: true, keySize: 2048 }, runtime);
    await own.generateKeys();
    server.script.push(server.sealed({ id: 'gen_9' }));
    await own.sendSecureRequest(PAYLOAD, 'id-1');
    const body = bodies.at(-1) ?? new ArrayBuffer(0);
    expect((await own.decryptResponse(body, 'mine'))._metadata.payload_id).toBe('mine');
    expect((await own.decryptResponse(new Uint8Array(body), 'mine')).id).toBe('gen_9');
    await expect(client.decryptResponse(body, 'mine')).rejects.toThrow(SecurityError);
  });

  test('keys that were saved are loaded by another client, with the password alone', async () => {
    const keyDir = await mkdtemp(join(tmpdir(), 'sealgate-sdk-'));
    const password = 'correct horse';
    await make().generateKeys({ saveToFile: true, keyDir, password });
    const [privateKey, publicKey] = [
      join(keyDir, 'private_key.pem'),
      join(keyDir, 'public_key.pem'),
    ];

    const loaded = make();
    await loaded.loadKeys(privateKey, publicKey, password);
    server.script.push(server.sealed());
    await loaded.sendSecureRequest(PAYLOAD, 'id');
    const sent = decodeURIComponent(String(server.requests.at(-1)?.headers['x-public-key']));
    expect(sent).toBe(await readFile(publicKey, 'utf8'));

    await expect(make().loadKeys(privateKey, publicKey)).rejects.toThrow(SecurityError);
    const short = make().generateKeys({ saveToFile: true, keyDir, password: 'short' });
    await expect(short).rejects.toThrow(TypeError);
    await rm(keyDir, { recursive: true });
  });

  test('without keys nothing is sealed, sent or opened', async () => {
    const before = server.requests.length;
    const keyless = make();
    await expect(keyless.encryptPayload(PAYLOAD)).rejects.toThrow(/generateKeys/);
    await expect(keyless.sendSecureRequest(PAYLOAD, 'id')).rejects.toThrow(/generateKeys/);
    await expect(keyless.decryptResponse(new ArrayBuffer(1), 'id')).rejects.toThrow(/generateKeys/);
    expect(server.requests).toHaveLength(before);
  });

  test('an empty payload is a mistake', async () => {
    await expect(client.encryptPayload({})).rejects.toThrow(TypeError);
  });
});

describe('plaintext', () => {
  const encodings = () => {
    const spy = vi.spyOn(TextEncoder.prototype, 'encode');
    return () =>
      spy.mock.results
        .map(({ value }) => value as Uint8Array)
        .map((bytes) => Buffer.from(bytes).toString());
  };

  test('is wiped once it is sealed', async () => {
    const texts = encodings();
    await client.encryptPayload(PAYLOAD);
    expect(texts().join('')).not.toContain('canary');
    expect(texts().some((text) => /^\0{100,}$/.test(text))).toBe(true);
  });

  test('of an answer is wiped once it is read', async () => {
    const spy = vi.spyOn(TextDecoder.prototype, 'decode');
    server.script.push(server.sealed({ id: 'canary' }));
    expect((await client.sendSecureRequest(PAYLOAD, 'id')).id).toBe('canary');
    const decoded = spy.mock.results.map(({ value }) => String(value));
    const opened = decoded.findLastIndex((text) => text.includes('canary'));
    expect(opened).toBeGreaterThanOrEqual(0);
    const bytes = spy.mock.calls[opened]?.[0] as Uint8Array;
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  test('is left to the garbage collector where the caller says so', async () => {
    const plain = make({ secureMemory: false });
    await plain.generateKeys();
    const texts = encodings();
    await plain.encryptPayload(PAYLOAD);
    expect(texts().join('')).toContain('canary');
  });

  test('and keys are not in what `debug` prints', async () => {
    const printed: unknown[] = [];
    vi.spyOn(console, 'debug').mockImplementation((...values) => printed.push(...values));
    const talkative = make({ debug: true });
    await talkative.generateKeys();
    server.script.push(json(500, {}), server.sealed());
    await talkative.sendSecureRequest(PAYLOAD, 'id', 'sk-xc-secret');
    expect(printed).toHaveLength(2);
    expect(printed.join(' ')).not.toMatch(/canary|sk-xc|BEGIN/);
  });
});
