import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import vectors from '../../test-vectors/quote.json' with { type: 'json' };
import { encodeHex, epochNonce, quoteNonce, sha256, verifyAttestation } from '../index.ts';
import type { AttestationExpectation } from '../index.ts';

const { payloadId, akName, epochSeconds, request, epoch } = vectors.attestations;
const serverSpkiDer = new Uint8Array(Buffer.from(vectors.attestations.serverSpkiDer, 'base64'));
const expectation: AttestationExpectation = {
  payloadId,
  serverSpkiDer,
  sentAtSeconds: epochSeconds + 5,
  receivedAtSeconds: epochSeconds + 8,
  expectedSelection: 'sha256:0,7,10',
  trustedAkNames: [akName],
};

const PASSED = {
  format: 'passed',
  signature: 'passed',
  akAttributes: 'passed',
  akEnrolled: 'passed',
  nonce: 'passed',
  pcrSelection: 'passed',
  pcrDigest: 'passed',
  keyBinding: 'passed',
};

test('the qualifying data are the recorded ones', async () => {
  const spki = await sha256(serverSpkiDer);
  expect(encodeHex(await quoteNonce(payloadId, spki))).toBe(vectors.attestations.quoteNonce);
  expect(encodeHex(await epochNonce(spki, epochSeconds))).toBe(vectors.attestations.epochNonce);
});

test.each([
  ['a request', request],
  ['an epoch', epoch],
])('a quote for %s passes every check', async (_, attestation) => {
  expect(await verifyAttestation(attestation, expectation)).toEqual({
    ok: true,
    value: { ok: true, checks: PASSED },
  });
});

test.each([
  ['another server key', { serverSpkiDer: Uint8Array.of(1) }, request],
  ['another server key', { serverSpkiDer: Uint8Array.of(1) }, epoch],
  ['another request', { payloadId: 'other' }, request],
])('a quote for %s fails nonce and key binding', async (_, changes, attestation) => {
  expect(await verifyAttestation(attestation, { ...expectation, ...changes })).toEqual({
    ok: true,
    value: { ok: false, checks: { ...PASSED, nonce: 'failed', keyBinding: 'failed' } },
  });
});

test.each([
  ['before', { sentAtSeconds: epochSeconds + 71, receivedAtSeconds: epochSeconds + 72 }],
  ['after', { sentAtSeconds: epochSeconds - 62, receivedAtSeconds: epochSeconds - 61 }],
])('an epoch that lies long %s the request fails the nonce alone', async (_, changes) => {
  expect(await verifyAttestation(epoch, { ...expectation, ...changes })).toEqual({
    ok: true,
    value: { ok: false, checks: { ...PASSED, nonce: 'failed' } },
  });
});

test('an epoch quote cannot pass for a quote of this request', async () => {
  const relabelled = { ...epoch, freshness: 'request' };
  const verdict = await verifyAttestation(relabelled, expectation);
  expect(verdict.ok && verdict.value.checks.nonce).toBe('failed');
});

test('without a selection of the caller the claimed one is checked', async () => {
  const { expectedSelection: _, ...lenient } = expectation;
  const mislabelled = { ...request, pcr_banks: 'sha256:0,7' };
  const verdict = await verifyAttestation(mislabelled, lenient);
  expect(verdict.ok && verdict.value.checks.pcrSelection).toBe('failed');
  expect(await verifyAttestation(request, lenient)).toMatchObject({ value: { ok: true } });
});

test.each([undefined, null, { is_available: false }])(
  '%j is no attestation',
  async (attestation) => {
    expect(await verifyAttestation(attestation, expectation)).toEqual({
      ok: false,
      problem: { kind: 'attestation-unavailable' },
    });
  },
);

test('never throws on a hostile attestation', async () => {
  const field = fc.constantFrom(...Object.keys(epoch));
  await fc.assert(
    fc.asyncProperty(field, fc.jsonValue(), async (name, value) => {
      const verdict = await verifyAttestation({ ...epoch, [name]: value }, expectation);
      expect(typeof verdict.ok).toBe('boolean');
    }),
    { numRuns: 300 },
  );
});
