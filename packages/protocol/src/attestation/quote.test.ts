import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../test-vectors/quote.json' with { type: 'json' };
import { attestationKeyName, verifyQuote } from '../index.ts';
import type { PcrValues, QuoteEvidence } from '../index.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

function evidenceOf(vector: (typeof vectors.quotes)[number]): QuoteEvidence {
  return {
    quote: hex(vector.quote),
    signature: hex(vector.signature),
    akPublic: hex(vector.akPublic),
    pcrValues: vector.pcrValues as PcrValues,
    expectedNonce: hex(vector.nonce),
    expectedSelection: vector.selection,
    trustedAkNames: [vector.akName],
  };
}

const PASSED = {
  format: 'passed',
  signature: 'passed',
  akAttributes: 'passed',
  akEnrolled: 'passed',
  nonce: 'passed',
  pcrSelection: 'passed',
  pcrDigest: 'passed',
  keyBinding: 'not-checked',
};

function flipped(bytes: Uint8Array, at: number, by = 0x01): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ by;
  return copy;
}

describe.each(vectors.quotes)('$name', (vector) => {
  const evidence = evidenceOf(vector);

  test('verifies in both framings', async () => {
    expect(await verifyQuote(evidence)).toEqual({ ok: true, checks: PASSED });
    const { quote } = evidence;
    const framed = Uint8Array.of(quote.length >> 8, quote.length & 0xff, ...quote);
    expect(await verifyQuote({ ...evidence, quote: framed })).toEqual({ ok: true, checks: PASSED });
  });

  test('the name of its key is the one that the TPM gives', async () => {
    expect(await attestationKeyName(evidence.akPublic)).toBe(vector.akName);
  });

  test.each(['quote', 'signature', 'akPublic'] as const)(
    'every flip of one byte of %s is refused',
    async (part) => {
      for (let at = 0; at < evidence[part].length; at += 1) {
        for (const by of [0x01, 0x80, 0xff]) {
          const verdict = await verifyQuote({
            ...evidence,
            [part]: flipped(evidence[part], at, by),
          });
          expect(verdict.ok, `byte ${at}`).toBe(false);
        }
      }
    },
  );

  test.each(['quote', 'signature', 'akPublic'] as const)(
    'a %s that is cut or lengthened is malformed',
    async (part) => {
      for (let length = 0; length < evidence[part].length; length += 1) {
        const cut = await verifyQuote({ ...evidence, [part]: evidence[part].slice(0, length) });
        expect(cut.checks.format, `length ${length}`).toBe('failed');
      }
      const longer = Uint8Array.of(...evidence[part], 0);
      const verdict = await verifyQuote({ ...evidence, [part]: longer });
      expect(verdict.checks.format).toBe('failed');
    },
  );

  test('another nonce fails the nonce alone', async () => {
    const expectedNonce = flipped(evidence.expectedNonce, 31);
    expect(await verifyQuote({ ...evidence, expectedNonce })).toEqual({
      ok: false,
      checks: { ...PASSED, nonce: 'failed' },
    });
  });

  test('a key that is not enrolled fails the enrolment alone', async () => {
    expect(await verifyQuote({ ...evidence, trustedAkNames: [] })).toEqual({
      ok: false,
      checks: { ...PASSED, akEnrolled: 'failed' },
    });
  });
});

const [first, rsa] = vectors.quotes.map(evidenceOf);
if (!first || !rsa) throw new Error('the vectors hold three quotes');
const recorded = first;

describe('PCR values', () => {
  const { sha256 = {} } = recorded.pcrValues;

  test('a value moved to another PCR has the same digest and fails the selection', async () => {
    const { '23': build = '', ...others } = sha256;
    const moved = {
      ...recorded,
      pcrValues: { sha256: { ...others, '22': build } },
      expectedSelection: undefined,
    };
    expect((await verifyQuote(moved)).checks.pcrSelection).toBe('failed');
  });

  test('another value fails the digest alone', async () => {
    const pcrValues = { sha256: { ...sha256, '7': '11'.repeat(32) } };
    expect(await verifyQuote({ ...recorded, pcrValues })).toEqual({
      ok: false,
      checks: { ...PASSED, pcrDigest: 'failed' },
    });
  });

  test('a PCR that the caller insists on must be quoted', async () => {
    const expectedSelection = 'sha256:0,7,10';
    expect(await verifyQuote({ ...recorded, expectedSelection })).toEqual({
      ok: false,
      checks: { ...PASSED, pcrSelection: 'failed' },
    });
  });

  test('a value that is claimed but not quoted fails the selection', async () => {
    const pcrValues = { sha256: { ...sha256, '10': '00'.repeat(32) } };
    expect((await verifyQuote({ ...recorded, pcrValues })).checks.pcrSelection).toBe('failed');
  });

  test('no values, odd text and unknown banks never pass and never throw', async () => {
    const values = fc.dictionary(
      fc.constantFrom('sha256', 'sha384', 'sha1', '__proto__', 'constructor'),
      fc.dictionary(fc.constantFrom('0', '7', '23', '07', '0,7', 'x'), fc.string()),
    );
    await fc.assert(
      fc.asyncProperty(values, async (pcrValues) => {
        expect((await verifyQuote({ ...recorded, pcrValues })).ok).toBe(false);
      }),
    );
  });
});

test('the signature of another kind of key is refused', async () => {
  const verdict = await verifyQuote({ ...recorded, signature: rsa.signature });
  expect(verdict.checks.signature).toBe('failed');
  const other = await verifyQuote({ ...rsa, signature: recorded.signature });
  expect(other.checks.signature).toBe('failed');
});

test('a key that signs host-made bytes fails its attributes though its signature is good', async () => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['sign', 'verify'],
  );
  const signature = new Uint8Array(
    await crypto.subtle.sign(
      { name: 'ECDSA', hash: 'SHA-256' },
      privateKey,
      new Uint8Array(recorded.quote),
    ),
  );
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
  const akPublic = recorded.akPublic.slice();
  akPublic.set(point.subarray(1, 33), 24);
  akPublic.set(point.subarray(33), 58);
  akPublic[7] = 0x04; // sign without restricted
  const sizedR = [0, 32, ...signature.subarray(0, 32)];
  const sizedS = [0, 32, ...signature.subarray(32)];
  const forged = {
    ...recorded,
    akPublic,
    signature: Uint8Array.of(0, 0x18, 0, 0x0b, ...sizedR, ...sizedS),
    trustedAkNames: undefined,
  };
  expect(await verifyQuote(forged)).toEqual({
    ok: false,
    checks: { ...PASSED, akAttributes: 'failed', akEnrolled: 'not-checked' },
  });
});

test('never throws on hostile bytes', async () => {
  const parts = fc.record({
    quote: fc.uint8Array(),
    signature: fc.uint8Array(),
    akPublic: fc.uint8Array(),
  });
  await fc.assert(
    fc.asyncProperty(parts, async (hostile) => {
      expect((await verifyQuote({ ...recorded, ...hostile })).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});
