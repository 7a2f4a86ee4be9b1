import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyAttestation, type TpmAttestation } from '@sealgate/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  hasSoftwareTpm,
  startSoftwareTpm,
  type SoftwareTpm,
} from '../../platform/tpm/software-tpm.ts';
import { createAttestor, DEFAULT_ATTESTATION, type Attestor } from './attestor.ts';

const NOW_SECONDS = 1_800_000_003;
const serverSpkiDer = new Uint8Array(createHash('sha512').update('a server key').digest());
const expectation = {
  payloadId: 'payload-1',
  serverSpkiDer,
  sentAtSeconds: NOW_SECONDS,
  receivedAtSeconds: NOW_SECONDS,
  expectedSelection: 'sha256:0,7,10',
};
const request = { payloadId: 'payload-1', serverSpkiDer };
const hasTpm = hasSoftwareTpm();

test.runIf(process.env['CI'])('CI has swtpm, so that no quote test is skipped there', () => {
  expect(hasTpm).toBe(true);
});

describe.skipIf(!hasTpm)('with swtpm (skipped without it: apt-get install swtpm)', () => {
  let software: SoftwareTpm;
  let attestor: Attestor;
  beforeEach(async () => {
    software = await startSoftwareTpm();
    attestor = createAttestor({
      clock: () => NOW_SECONDS * 1000,
      settings: { ...DEFAULT_ATTESTATION, tpm: software.address },
      onFault: (error) => {
        throw error;
      },
    });
  });
  afterEach(async () => {
    attestor.close();
    await software.stop();
  });

  const verdictOf = async (attestation: unknown, changes: object = {}) => {
    const verdict = await verifyAttestation(attestation, { ...expectation, ...changes });
    return verdict.ok && verdict.value.ok;
  };

  test('a quote verifies, and its key is the one that the operator enrols', async () => {
    const attestation = await attestor.quoteFor(request);
    const state = await attestor.state();
    if (state.kind !== 'ready') throw new Error('the TPM is not ready', { cause: state });
    const trustedAkNames = [state.keyName];
    const verdict = await verifyAttestation(attestation, { ...expectation, trustedAkNames });
    expect(verdict).toMatchObject({
      ok: true,
      value: { ok: true, checks: { akEnrolled: 'passed' } },
    });
    expect(attestation).toMatchObject({ freshness: 'request', pcr_banks: 'sha256:0,7,10' });
  });

  test('a quote is for one request and one server key', async () => {
    const attestation = await attestor.quoteFor(request);
    expect(await verdictOf(attestation)).toBe(true);
    expect(await verdictOf(attestation, { payloadId: 'payload-2' })).toBe(false);
    expect(await verdictOf(attestation, { serverSpkiDer: randomBytes(64) })).toBe(false);
  });

  test('every single-byte flip in the quote, its signature or its key is refused', async () => {
    const attestation = await attestor.quoteFor(request);
    expect(await verdictOf(attestation)).toBe(true);
    const state = await attestor.state();
    const trustedAkNames = [state.kind === 'ready' ? state.keyName : ''];
    for (const field of ['quote_b64', 'signature_b64', 'aik_pubkey_b64'] as const) {
      for (const flipped of flipsOf(attestation, field)) {
        expect(await verdictOf(flipped, { trustedAkNames })).toBe(false);
      }
    }
  });

  test('a crowd shares the quote of the epoch, which verifies for each of them', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `payload-${index}`);
    const attestations = await Promise.all(
      ids.map((payloadId) => attestor.quoteFor({ payloadId, serverSpkiDer })),
    );
    const shared = attestations.filter((one) => one.is_available && one.freshness === 'epoch');
    expect(shared).toHaveLength(18);
    expect(new Set(shared.map((one) => JSON.stringify(one))).size).toBe(1);
    for (const [index, attestation] of attestations.entries()) {
      expect(await verdictOf(attestation, { payloadId: ids[index] })).toBe(true);
    }
  });
});

function* flipsOf(
  attestation: TpmAttestation,
  field: 'quote_b64' | 'signature_b64' | 'aik_pubkey_b64',
): Generator<TpmAttestation> {
  if (!attestation.is_available) throw new Error('there is no quote to flip');
  const bytes = Buffer.from(attestation[field], 'base64');
  for (let index = 0; index < bytes.length; index += 1) {
    const flipped = Buffer.from(bytes);
    flipped[index] = (flipped[index] ?? 0) ^ (1 << (index & 7));
    yield { ...attestation, [field]: flipped.toString('base64') };
  }
}

test('without a TPM the answer says so', async () => {
  const attestor = createAttestor({
    clock: () => 0,
    settings: { ...DEFAULT_ATTESTATION, tpm: { kind: 'off' } },
    onFault: (error) => {
      throw error;
    },
  });
  expect(await attestor.quoteFor(request)).toEqual({ is_available: false });
  expect(await attestor.state()).toEqual({ kind: 'absent' });
});

describe('with a TPM that hangs or fails', () => {
  const path = join(tmpdir(), `hanging-tpm-${process.pid}.socket`);
  afterEach(() => rm(path, { force: true }));

  const attestorOf = (clock: () => number, faults: unknown[]) =>
    createAttestor({
      clock,
      settings: { ...DEFAULT_ATTESTATION, tpm: { kind: 'unix', path } },
      onFault: (error) => faults.push(error),
    });

  test('requests are answered without a quote, and the operator is told once', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const faults: unknown[] = [];
    const attestor = attestorOf(() => 0, faults);
    const crowd = await Promise.all(Array.from({ length: 5 }, () => attestor.quoteFor(request)));
    expect(crowd.every((one) => !one.is_available)).toBe(true);
    expect(await attestor.state()).toMatchObject({ kind: 'failed' });
    expect(faults).toHaveLength(1);
    attestor.close();
    server.close();
  });

  test.skipIf(!hasTpm)('a TPM that comes back is used again (needs swtpm)', async () => {
    let nowMs = 0;
    const attestor = attestorOf(() => nowMs, []);
    expect(await attestor.quoteFor(request)).toEqual({ is_available: false });

    const software = await startSoftwareTpm();
    const server = createServer((socket) => {
      socket.pipe(connect(software.address.path)).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    nowMs = 29_999;
    expect(await attestor.quoteFor(request)).toEqual({ is_available: false });
    nowMs = 30_000;
    expect(await attestor.quoteFor(request)).toMatchObject({ is_available: true });
    expect(await attestor.state()).toMatchObject({ kind: 'ready', isKeyPersistent: true });
    attestor.close();
    server.close();
    await software.stop();
  });
});
