import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  MAX_PLAINTEXT_BYTES,
  MAX_REQUEST_ENVELOPE_BYTES,
  RSA_OAEP_SHA256,
  importPublicKey,
  openRequest,
  sealRequest,
  spkiToPem,
  unwrapWith,
} from '../index.ts';
import { parseEnvelope } from './envelope.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

const pair = await crypto.subtle.generateKey(
  { ...RSA_OAEP_SHA256, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
  true,
  ['encrypt', 'decrypt'],
);
const imported = await importPublicKey(
  spkiToPem(new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey))),
);
if (!imported.ok) throw new Error(imported.problem.kind);
const serverKey = imported.value;
const unwrap = unwrapWith(pair.privateKey);

async function sealed(plaintext: string): Promise<Uint8Array> {
  const result = await sealRequest(utf8.encode(plaintext), serverKey);
  if (!result.ok) throw new Error(result.problem.kind);
  return result.value;
}

test('no two envelopes of one plaintext share a key, a nonce or a ciphertext', async () => {
  const [first, second] = await Promise.all([sealed('same'), sealed('same')]);
  const [left, right] = [parseEnvelope(first), parseEnvelope(second)];
  if (!left.ok || !right.ok) throw new Error('an envelope of ours must parse');
  expect(left.value.nonce).not.toEqual(right.value.nonce);
  expect(left.value.sealed).not.toEqual(right.value.sealed);
  expect(left.value.wrappedKey).not.toEqual(right.value.wrappedKey);
});

test('the envelope holds nothing of the plaintext', async () => {
  const envelope = text.decode(await sealed('CANARY-in-the-prompt'));
  expect(envelope).not.toContain('CANARY');
  expect(envelope).not.toContain(btoa('CANARY-in-the-prompt').slice(0, 12));
});

test('the largest plaintext passes and one byte more is refused before any sealing', async () => {
  const largest = new Uint8Array(MAX_PLAINTEXT_BYTES).fill(0x20);
  const envelope = await sealRequest(largest, serverKey);
  if (!envelope.ok) throw new Error(envelope.problem.kind);
  expect(envelope.value.length).toBeLessThan(MAX_REQUEST_ENVELOPE_BYTES);
  const opened = await openRequest(envelope.value, unwrap);
  expect(opened.ok && opened.value.plaintext.length).toBe(MAX_PLAINTEXT_BYTES);

  const refused = await sealRequest(new Uint8Array(MAX_PLAINTEXT_BYTES + 1), serverKey);
  expect(refused).toMatchObject({ problem: { kind: 'plaintext-too-large' } });
});

test('an empty plaintext is refused', async () => {
  expect(await sealRequest(new Uint8Array(), serverKey)).toMatchObject({
    problem: { kind: 'plaintext-empty' },
  });
});

test('an envelope over the limit is refused unread', async () => {
  const body = new Uint8Array(MAX_REQUEST_ENVELOPE_BYTES + 1);
  expect(await openRequest(body, unwrap)).toMatchObject({
    problem: { kind: 'envelope-too-large' },
  });
});

test('a ciphertext over the limit is refused before a private key is used', async () => {
  const envelope = JSON.parse(text.decode(await sealed('x'))) as {
    encrypted_payload: { ciphertext: string };
  };
  const groups = Math.ceil((MAX_PLAINTEXT_BYTES + 1) / 3);
  envelope.encrypted_payload.ciphertext = 'A'.repeat(groups * 4);
  const opened = await openRequest(utf8.encode(JSON.stringify(envelope)), () => {
    throw new Error('the private key was used');
  });
  expect(opened).toMatchObject({ problem: { kind: 'plaintext-too-large' } });
});

test('invalid UTF-8 is no envelope', async () => {
  const envelope = await sealed('x');
  envelope[10] = 0xff;
  expect(await openRequest(envelope, unwrap)).toMatchObject({
    problem: { kind: 'envelope-not-json' },
  });
});

test('what the private key yields is wiped after use', async () => {
  const held: Uint8Array[] = [];
  const opened = await openRequest(await sealed('x'), async (wrapped) => {
    const key = await unwrap(wrapped);
    if (key) held.push(key);
    return key;
  });
  expect(opened.ok).toBe(true);
  expect(held).toEqual([new Uint8Array(32)]);
});

test('every changed byte of the base64 values is noticed', async () => {
  const envelope = await sealed('{"model":"m"}');
  const original = text.decode(envelope);
  const changeable = Array.from({ length: original.length }, (_, index) => index).filter((index) =>
    isInValue(original, index),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...changeable),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const changed = envelope.slice();
        changed[at] = (changed[at] ?? 0) ^ by;
        expect((await openRequest(changed, unwrap)).ok).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});

function isInValue(envelope: string, index: number): boolean {
  return ['ciphertext', 'nonce', 'tag', 'encrypted_aes_key'].some((field) => {
    const start = envelope.indexOf(`"${field}":"`) + field.length + 4;
    return index >= start && index < envelope.indexOf('"', start);
  });
}

test('never throws on hostile bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      expect((await openRequest(bytes, unwrap)).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('never throws on hostile JSON in any field', async () => {
  const honest = JSON.parse(text.decode(await sealed('x'))) as Record<string, unknown>;
  const field = fc.constantFrom(...Object.keys(honest), 'processed_at', '__proto__');
  await fc.assert(
    fc.asyncProperty(field, fc.jsonValue(), async (name, value) => {
      const bytes = utf8.encode(JSON.stringify({ ...honest, [name]: value }));
      const opened = await openRequest(bytes, unwrap);
      expect(opened.ok || typeof opened.problem.kind === 'string').toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('never throws on hostile JSON inside the payload', async () => {
  const honest = JSON.parse(text.decode(await sealed('x'))) as { encrypted_payload: object };
  const field = fc.constantFrom('ciphertext', 'nonce', 'tag');
  await fc.assert(
    fc.asyncProperty(field, fc.jsonValue(), async (name, value) => {
      const payload = { ...honest.encrypted_payload, [name]: value };
      const bytes = utf8.encode(JSON.stringify({ ...honest, encrypted_payload: payload }));
      expect((await openRequest(bytes, unwrap)).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});
