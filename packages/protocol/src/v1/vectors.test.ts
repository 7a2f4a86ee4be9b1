import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import vectors from '../../test-vectors/v1.json' with { type: 'json' };
import {
  RSA_OAEP_SHA256,
  bindingOf,
  decodePublicKeyHeader,
  encodePublicKeyHeader,
  importPublicKey,
  openRequest,
  openResponse,
  sealRequest,
  sealResponse,
  spkiToPem,
  unwrapWith,
} from '../index.ts';
import type { PublicKey, Unwrap } from '../index.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

async function unwrapOf({ privatePkcs8 }: { privatePkcs8: string }): Promise<Unwrap> {
  const der = Buffer.from(privatePkcs8, 'base64');
  return unwrapWith(
    await crypto.subtle.importKey('pkcs8', der, RSA_OAEP_SHA256, false, ['decrypt']),
  );
}

async function publicOf({ publicPem }: { publicPem: string }): Promise<PublicKey> {
  const imported = await importPublicKey(publicPem);
  if (!imported.ok) throw new Error(imported.problem.kind);
  return imported.value;
}

const unwrapAsServer = await unwrapOf(vectors.keys.server);
const unwrapAsClient = await unwrapOf(vectors.keys.client);

describe('requests', () => {
  test.each(vectors.requests)('$name', async ({ envelope, plaintext, tagLayout, problem }) => {
    const opened = await openRequest(utf8.encode(envelope), unwrapAsServer);
    if (problem) {
      expect(opened).toEqual({ ok: false, problem });
      return;
    }
    expect(opened).toMatchObject({ ok: true, value: { tagLayout } });
    expect(opened.ok && text.decode(opened.value.plaintext)).toBe(plaintext);
  });
});

describe('responses', () => {
  test.each(vectors.responses)('$name', async ({ envelope, plaintext, processedAt, problem }) => {
    const opened = await openResponse(utf8.encode(envelope), unwrapAsClient);
    if (problem) {
      expect(opened).toEqual({ ok: false, problem });
      return;
    }
    expect(opened.ok && opened.value.processedAt).toBe(processedAt);
    expect(opened.ok && text.decode(opened.value.plaintext)).toBe(plaintext);
  });
});

describe('public keys', () => {
  test.each(vectors.publicKeys)('$name', async ({ pem, modulusBits, problem }) => {
    const imported = await importPublicKey(pem);
    if (problem) {
      expect(imported).toEqual({ ok: false, problem });
      return;
    }
    expect(imported).toMatchObject({ ok: true, value: { modulusBits } });
    const printed = imported.ok ? spkiToPem(imported.value.spkiDer) : '';
    expect(printed.trim()).toBe(pem.replaceAll('\r', '').trim());
  });
});

describe('the X-Public-Key header', () => {
  test.each(vectors.headers)('$name', ({ header, pem, problem }) => {
    const decoded = decodePublicKeyHeader(header);
    expect(decoded).toEqual(problem ? { ok: false, problem } : { ok: true, value: pem });
  });

  test('prints one line of visible ASCII that reads back as the same key', () => {
    const header = encodePublicKeyHeader(vectors.keys.client.publicPem);
    expect(header).toMatch(/^[\x21-\x7e]+$/);
    expect(decodePublicKeyHeader(header)).toEqual({
      ok: true,
      value: vectors.keys.client.publicPem,
    });
  });

  test('refuses a value too long to be a key', () => {
    expect(decodePublicKeyHeader('A'.repeat(4097)).ok).toBe(false);
  });
});

test('the binding of the vector key is the recorded one', async () => {
  const { clientSpkiDer, nowSeconds, nonceBytes, binding } = vectors.binding;
  const der = Buffer.from(clientSpkiDer, 'base64');
  expect(await bindingOf(der, nowSeconds, Buffer.from(nonceBytes, 'base64'))).toEqual(binding);
});

test.each(['separate', 'appended'] as const)('round trips with the tag %s', async (tagLayout) => {
  const request = utf8.encode('{"model":"m"}');
  const sealed = await sealRequest(request, await publicOf(vectors.keys.server), tagLayout);
  expect(sealed.ok && text.decode(sealed.value).includes('"tag":')).toBe(tagLayout === 'separate');
  const opened = await openRequest(sealed.ok ? sealed.value : request, unwrapAsServer);
  expect(opened).toEqual({ ok: true, value: { plaintext: request, tagLayout } });

  const reply = utf8.encode('{"id":"x"}');
  const clientKey = await publicOf(vectors.keys.client);
  const answer = await sealResponse(reply, clientKey, { tagLayout, processedAt: 7 });
  expect(text.decode(answer).includes('"tag":')).toBe(tagLayout === 'separate');
  expect(await openResponse(answer, unwrapAsClient)).toEqual({
    ok: true,
    value: { plaintext: reply, processedAt: 7 },
  });
});
