import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { bindingOf } from '@sealgate/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../platform/refusal.ts';
import { Secret } from '../../platform/secret.ts';
import {
  createSealedChat,
  DEFAULT_ATTESTATION,
  DEFAULT_SEALED_LIMITS,
  generateServerKey,
  type SealedChat,
  type SealedRequest,
} from './index.ts';

const NOW_SECONDS = 1_800_000_000;
const CANARY = 'canary-7f3a';
const CHAT = { model: 'local/math', messages: [{ role: 'user', content: CANARY }] };
const OAEP = { oaepHash: 'sha256', padding: constants.RSA_PKCS1_OAEP_PADDING };

let nowMs = NOW_SECONDS * 1000;
let chat: SealedChat;
let serverPem: string;
const client = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

beforeAll(async () => {
  chat = await createSealedChat({
    clock: () => nowMs,
    installationSecret: new Secret('installation'),
    limits: DEFAULT_SEALED_LIMITS,
    attestation: { ...DEFAULT_ATTESTATION, tpm: { kind: 'off' } },
    isMemoryLockingWanted: true,
    onFault: (_, error) => {
      throw error;
    },
    generateKey: () => generateServerKey(2048),
  });
  serverPem = await chat.publicKeyPem();
});
afterAll(() => chat.close());

type Layout = 'separate' | 'appended';

/** The published clients' way of sealing, written anew on OpenSSL. */
function sealAsPublished(plaintext: string | Uint8Array, layout: Layout = 'separate') {
  const key = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const tag = cipher.getAuthTag();
  const wrapped = publicEncrypt({ key: createPublicKey(serverPem), ...OAEP }, key);
  return {
    version: '1.0',
    algorithm: 'hybrid-aes256-rsa4096',
    encrypted_payload:
      layout === 'separate'
        ? { ...base64({ ciphertext, nonce, tag }) }
        : { ...base64({ ciphertext: Buffer.concat([ciphertext, tag]), nonce }) },
    encrypted_aes_key: wrapped.toString('base64'),
    key_algorithm: 'RSA-OAEP-SHA256',
    payload_algorithm: 'AES-256-GCM',
  };
}

const base64 = (fields: Record<string, Buffer>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, bytes]) => [name, bytes.toString('base64')]),
  );

const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

const requestOf = (
  body: unknown,
  headers: Partial<SealedRequest['headers']> = {},
): SealedRequest => ({
  headers: {
    payloadId: 'openai-compat-1712-x9',
    publicKey: encodeURIComponent(pemOf(client.publicKey)),
    securityTier: undefined,
    ...headers,
  },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});

/** Seals and unseals plaintext fields. */
const send = (fields: unknown, headers: Partial<SealedRequest['headers']> = {}) =>
  chat.unseal(requestOf(sealAsPublished(JSON.stringify(fields)), headers));

async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const outcome = await work.catch((error: unknown) => error);
  if (outcome instanceof Refusal) return outcome;
  throw new Error('not refused', { cause: outcome });
}

/** Everything that a caller can tell refusals apart by. */
const publicPartOf = ({ code, message, details }: Refusal) => {
  const { internal: _internal, cause: _cause, ...shown } = details;
  return { code, message, shown };
};

const bound = async (seconds = NOW_SECONDS, key = client.publicKey) =>
  bindingOf(key.export({ type: 'spki', format: 'der' }), seconds, randomBytes(16));

function openAsPublished(envelope: Uint8Array): Record<string, unknown> {
  const { encrypted_payload: payload, encrypted_aes_key: wrapped } = JSON.parse(
    Buffer.from(envelope).toString(),
  ) as { encrypted_payload: Record<string, string>; encrypted_aes_key: string };
  const [ciphertext, nonce, tag] = ['ciphertext', 'nonce', 'tag'].map((name) =>
    Buffer.from(payload[name] ?? '', 'base64'),
  ) as [Buffer, Buffer, Buffer];
  const key = privateDecrypt({ key: client.privateKey, ...OAEP }, Buffer.from(wrapped, 'base64'));
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  const isSeparate = 'tag' in payload;
  decipher.setAuthTag(isSeparate ? tag : ciphertext.subarray(-16));
  const sealed = isSeparate ? ciphertext : ciphertext.subarray(0, -16);
  return JSON.parse(decipher.update(sealed, undefined, 'utf8') + decipher.final('utf8')) as Record<
    string,
    unknown
  >;
}

describe('does', () => {
  test.each(['separate', 'appended'] as const)(
    'a chat with the tag %s is opened, and answered in the same layout',
    async (layout) => {
      const text = JSON.stringify({ ...CHAT, temperature: 0.5 });
      const exchange = await chat.unseal(requestOf(sealAsPublished(text, layout)));
      expect(exchange.body).toEqual({ ...CHAT, temperature: 0.5, stream: false });
      expect(JSON.parse(exchange.bodyText)).toEqual(exchange.body);

      const answer = new TextEncoder().encode('{"id":"chatcmpl-1","choices":[]}\n');
      const envelope = await exchange.seal(answer);
      const outer = JSON.parse(Buffer.from(envelope).toString()) as Record<string, object>;
      expect('tag' in (outer['encrypted_payload'] ?? {})).toBe(layout === 'separate');
      expect(outer['processed_at']).toBe(NOW_SECONDS);
      expect(openAsPublished(envelope)).toMatchObject({
        id: 'chatcmpl-1',
        choices: [],
        _metadata: {
          response_status: 'success',
          security_tier: 'standard',
          memory_protection: { has_secure_zeroing: true, platform: process.platform },
          cuda_device: { is_available: false, device_count: 0, devices: [] },
          tpm_attestation: { is_available: false },
        },
      });
      expect(answer.every((byte) => byte === 0)).toBe(true);
    },
  );

  test('a client key without its final newline, as some clients send it, is taken', async () => {
    const publicKey = encodeURIComponent(pemOf(client.publicKey).trimEnd());
    await expect(send(CHAT, { publicKey })).resolves.toBeDefined();
  });

  test('no upstream sees what is for us', async () => {
    const own = {
      stream: true,
      stream_options: { include_usage: true },
      security_tier: 'high',
      api_key: 'sk-xc-1',
      base_url: 'https://a.example',
      idempotency_key: 'once',
    };
    const { body, idempotencyKey } = await send({ ...CHAT, ...own, ...(await bound()) });
    expect(body).toEqual({ ...CHAT, stream: false });
    expect(idempotencyKey).toBe('once');
  });

  test.each([
    [undefined, undefined, 'standard', ['public', 'private', 'local']],
    ['high', undefined, 'high', ['private', 'local']],
    [undefined, 'high', 'high', ['private', 'local']],
    ['standard', 'standard', 'standard', ['public', 'private', 'local']],
  ])('header %s and field %s give %s', async (securityTier, field, tier, trusts) => {
    const exchange = await send(
      { ...CHAT, ...(field && { security_tier: field }) },
      { securityTier },
    );
    expect(exchange.tier).toBe(tier);
    expect([...exchange.trusts]).toEqual(trusts);
  });
});

describe('refuses', () => {
  const SAME = { code: 'sealed_request_invalid', shown: {} };

  test('every flipped bit of the sealed parts, in one and the same way', async () => {
    const envelope = sealAsPublished(JSON.stringify(CHAT));
    const parts = { ...envelope.encrypted_payload, key: envelope.encrypted_aes_key };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(parts)),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        async (part, position) => {
          const bytes = Buffer.from((parts as Record<string, string>)[part] ?? '', 'base64');
          const bit = Math.floor(position * bytes.length * 8);
          bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const { key, ...payload } = { ...parts, [part]: bytes.toString('base64') };
          const flipped = { ...envelope, encrypted_payload: payload, encrypted_aes_key: key };
          expect(publicPartOf(await refusalOf(chat.unseal(requestOf(flipped))))).toMatchObject(
            SAME,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  test('truncations and garbage, in that same way', async () => {
    const text = JSON.stringify(sealAsPublished(JSON.stringify(CHAT)));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.nat(text.length - 1).map((length) => text.slice(0, length)),
          fc.string(),
          fc.json(),
        ),
        async (body) => {
          expect(publicPartOf(await refusalOf(chat.unseal(requestOf(body))))).toMatchObject(SAME);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a request sealed to a key that is not ours, and a wrong tag, alike', async () => {
    const foreign = sealAsPublished(JSON.stringify(CHAT));
    foreign.encrypted_aes_key = publicEncrypt(
      { key: other.publicKey, ...OAEP },
      randomBytes(32),
    ).toString('base64');
    const wrongTag = sealAsPublished(JSON.stringify(CHAT));
    wrongTag.encrypted_payload['tag'] = randomBytes(16).toString('base64');
    const [first, second] = await Promise.all(
      [foreign, wrongTag].map((envelope) => refusalOf(chat.unseal(requestOf(envelope)))),
    );
    expect(first && publicPartOf(first)).toEqual(second && publicPartOf(second));
    expect(first?.details.internal).not.toEqual(second?.details.internal);
  });

  test('a swapped reply key, when the client bound its own', async () => {
    const publicKey = encodeURIComponent(pemOf(other.publicKey));
    const refusal = await refusalOf(send({ ...CHAT, ...(await bound()) }, { publicKey }));
    expect(publicPartOf(refusal)).toMatchObject(SAME);
  });

  test('a replay, while its moment is still accepted', async () => {
    const request = requestOf(sealAsPublished(JSON.stringify({ ...CHAT, ...(await bound()) })));
    await chat.unseal(request);
    expect((await refusalOf(chat.unseal(request))).code).toBe('replayed_request');
    nowMs += 299_000;
    expect((await refusalOf(chat.unseal(request))).code).toBe('replayed_request');
    nowMs += 2_000;
    expect((await refusalOf(chat.unseal(request))).details.param).toBe('ts');
    nowMs = NOW_SECONDS * 1000;
  });

  test('a bound request from another time', async () => {
    for (const seconds of [NOW_SECONDS - 301, NOW_SECONDS + 301]) {
      const refusal = await refusalOf(send({ ...CHAT, ...(await bound(seconds)) }));
      expect(refusal.details.param).toBe('ts');
    }
  });

  test('oversize, before any key is tried', async () => {
    const tooLong = requestOf('x'.repeat(14_000_001));
    expect((await refusalOf(chat.unseal(tooLong))).code).toBe('payload_too_large');
    const plaintext = Buffer.alloc(10 * 1024 * 1024 + 1, 0x20);
    const refusal = await refusalOf(chat.unseal(requestOf(sealAsPublished(plaintext))));
    expect(refusal.code).toBe('payload_too_large');
  });

  test('the largest allowed request is not oversize', async () => {
    const empty = JSON.stringify({ ...CHAT, user: '' });
    const user = 'u'.repeat(10 * 1024 * 1024 - empty.length);
    const { body } = await send({ ...CHAT, user });
    expect(body['user']).toHaveLength(user.length);
  });

  test.each([
    ['header', 'secret', undefined, 'X-Security-Tier'],
    ['field', undefined, 'secret', 'security_tier'],
    ['header and field that differ', 'standard', 'high', 'security_tier'],
  ])('a wrong tier: %s', async (_, securityTier, field, param) => {
    const refusal = await refusalOf(send({ ...CHAT, security_tier: field }, { securityTier }));
    expect(refusal.code).toBe('invalid_request_error');
    expect(refusal.details.param).toBe(param);
  });

  test('the tier "maximum" without locked memory and secure heap, wherever it is said', async () => {
    const { isMaximumTierAvailable } = await chat.describeProtection();
    expect(isMaximumTierAvailable).toBe(false);
    const inHeader = await refusalOf(send(CHAT, { securityTier: 'maximum' }));
    const inside = await refusalOf(send({ ...CHAT, security_tier: 'maximum' }));
    expect([inHeader.code, inside.code]).toEqual(['memory_not_protected', 'memory_not_protected']);
  });

  test.each([
    ['no id', { payloadId: undefined }, 'X-Payload-ID'],
    ['an id of control characters', { payloadId: 'a\nb' }, 'X-Payload-ID'],
    ['an endless id', { payloadId: 'x'.repeat(500) }, 'X-Payload-ID'],
    ['no client key', { publicKey: undefined }, 'X-Public-Key'],
    ['a broken client key', { publicKey: '%E0%A4%A' }, 'X-Public-Key'],
  ])('%s', async (_, headers, param) => {
    const refusal = await refusalOf(send(CHAT, headers));
    expect(refusal.code).toBe('invalid_request_error');
    expect(refusal.details.param).toBe(param);
  });

  test('a client key too short to protect the answer', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const refusal = await refusalOf(
      send(CHAT, { publicKey: encodeURIComponent(pemOf(publicKey)) }),
    );
    expect(refusal.details.param).toBe('X-Public-Key');
  });

  test.each([
    ['no JSON', `{"model":"${CANARY}"`, undefined],
    ['no object', `["${CANARY}"]`, undefined],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), undefined],
    ['no model', `{"messages":[],"x":"${CANARY}"}`, 'model'],
    ['no messages', `{"model":"${CANARY}"}`, 'messages'],
    ['too deep', `{"model":"m","messages":${'['.repeat(5_000_000)}`, undefined],
  ])('authentic plaintext with %s, quoting nothing of it', async (_, plaintext, param) => {
    const refusal = await refusalOf(chat.unseal(requestOf(sealAsPublished(plaintext))));
    expect(refusal.code).toBe('invalid_request_error');
    expect(refusal.details.param).toBe(param);
    expect(JSON.stringify([refusal.message, refusal.details, refusal.stack])).not.toContain(CANARY);
  });

  test('brackets inside text are no depth', async () => {
    const content = `${'['.repeat(1000)}\\"${'{'.repeat(1000)}`;
    const { body } = await send({ ...CHAT, messages: [{ role: 'user', content }] });
    expect(body['messages']).toEqual([{ role: 'user', content }]);
  });
});

test('after a rotation a request sealed to the old key is still answered, for an hour', async () => {
  const request = requestOf(sealAsPublished(JSON.stringify(CHAT)));
  nowMs += 24 * 3_600_000;
  await chat.publicKeyPem();
  let rotatedPem = serverPem;
  while (rotatedPem === serverPem) {
    await new Promise(setImmediate);
    rotatedPem = await chat.publicKeyPem();
  }
  nowMs += 3_599_000;
  await expect(chat.unseal(request)).resolves.toBeDefined();
  nowMs += 1_000;
  expect((await refusalOf(chat.unseal(request))).code).toBe('sealed_request_invalid');
});
