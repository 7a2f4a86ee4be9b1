import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import quotes from '../../../protocol/test-vectors/quote.json' with { type: 'json' };
import vectors from '../../../protocol/test-vectors/v1.json' with { type: 'json' };
import { recordingRuntime } from '../../testing/recording-runtime.ts';
import { startSealedServer } from '../../testing/sealed-server.ts';
import type { SealedServer } from '../../testing/sealed-server.ts';
import { SecureCompletionClient, verifyAttestation } from './index.ts';
import type { SealedChatCompletion } from './index.ts';

const { payloadId, akName, epochSeconds, request, epoch } = quotes.attestations;
const { publicPem, privatePkcs8 } = vectors.keys.server;
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

let server: SealedServer | undefined;
const client = async (pair?: Parameters<typeof startSealedServer>[1]) => {
  server = await startSealedServer(epochSeconds * 1000, pair);
  const options = { routerUrl: server.url, allowHttp: true, keySize: 2048 } as const;
  const made = new SecureCompletionClient(options, recordingRuntime(epochSeconds * 1000));
  await made.generateKeys();
  return made;
};
const quotedPair = { publicKey: publicPem, privateKey: Buffer.from(privatePkcs8, 'base64') };

async function answerWith(attestation: unknown, pair?: typeof quotedPair) {
  const asking = await client(pair);
  server?.script.push(server.sealed({ _metadata: { tpm_attestation: attestation } }));
  return asking.sendSecureRequest({ model: 'm', messages: [] }, payloadId);
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('the attestation of an answer', () => {
  test.each([
    ['its request', request],
    ['its epoch', epoch],
  ])('made for %s and for the key it was sealed to passes every check', async (_, attestation) => {
    const answer = await answerWith(attestation, quotedPair);
    const verdict = await verifyAttestation(answer, {
      expectedSelection: 'sha256:0,7,10',
      trustedAkNames: [akName],
    });
    expect(verdict).toEqual({ kind: 'judged', ok: true, checks: PASSED });
  });

  test('of a server that showed another key than the quoted one fails', async () => {
    const verdict = await verifyAttestation(await answerWith(request));
    expect(verdict).toMatchObject({
      kind: 'judged',
      ok: false,
      checks: { signature: 'passed', nonce: 'failed', keyBinding: 'failed' },
    });
  });

  test('made for another request fails', async () => {
    const asking = await client(quotedPair);
    server?.script.push(server.sealed({ _metadata: { tpm_attestation: request } }));
    const answer = await asking.sendSecureRequest({ model: 'm', messages: [] }, 'another');
    expect(await verifyAttestation(answer)).toMatchObject({
      ok: false,
      checks: { nonce: 'failed' },
    });
  });

  test('of a key or registers that nobody expects fails there', async () => {
    const answer = await answerWith(request, quotedPair);
    const options = { expectedSelection: 'sha256:0,7', trustedAkNames: ['000b00'] };
    expect(await verifyAttestation(answer, options)).toMatchObject({
      ok: false,
      checks: { ...PASSED, akEnrolled: 'failed', pcrSelection: 'failed' },
    });
  });

  test('without enrolled keys says that it checked none', async () => {
    const answer = await answerWith(request, quotedPair);
    expect(await verifyAttestation(answer)).toMatchObject({
      ok: true,
      checks: { akEnrolled: 'not-checked' },
    });
  });

  test.each([undefined, { is_available: false }])('may be missing: %j', async (attestation) => {
    const verdict = await verifyAttestation(await answerWith(attestation));
    expect(verdict).toEqual({ kind: 'unavailable', ok: false });
  });

  test('may be nonsense', async () => {
    const verdict = await verifyAttestation(await answerWith({ ...request, quote_b64: '?' }));
    expect(verdict).toEqual({ kind: 'malformed', ok: false, field: 'quote_b64' });
  });
});

describe('a saved answer', () => {
  let saved: SealedChatCompletion;
  beforeEach(async () => {
    saved = JSON.parse(
      JSON.stringify(await answerWith(request, quotedPair)),
    ) as SealedChatCompletion;
  });

  test('is checked against the key that the caller remembers', async () => {
    const verdict = await verifyAttestation(saved, { serverPublicKeyPem: publicPem });
    expect(verdict).toMatchObject({ ok: true, checks: { keyBinding: 'passed' } });
    const other = { serverPublicKeyPem: publicPem, payloadId: 'another' };
    expect(await verifyAttestation(saved, other)).toMatchObject({ ok: false });
  });

  test('is not judged without one', async () => {
    await expect(verifyAttestation(saved)).rejects.toThrow(/serverPublicKeyPem/);
    await expect(verifyAttestation(saved, { serverPublicKeyPem: 'x' })).rejects.toThrow(TypeError);
  });
});
