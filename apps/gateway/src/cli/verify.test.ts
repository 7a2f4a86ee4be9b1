import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spkiToPem } from '@sealgate/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand, type Outcome } from './testing.ts';

const VECTORS = new URL('../../../../packages/protocol/test-vectors/quote.json', import.meta.url);

interface Vector {
  readonly payloadId: string;
  readonly serverSpkiDer: string;
  readonly akName: string;
  readonly epochSeconds: number;
  readonly request: Readonly<Record<string, unknown>>;
  readonly epoch: Readonly<Record<string, unknown>>;
}

let folder: string;
let vector: Vector;
let serverKey: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealgate-verify-'));
  vector = (JSON.parse(await readFile(VECTORS, 'utf8')) as { attestations: Vector }).attestations;
  serverKey = spkiToPem(Buffer.from(vector.serverSpkiDer, 'base64'));
});
afterAll(() => rm(folder, { recursive: true }));

async function verify(content: unknown, ...options: string[]): Promise<Outcome> {
  const file = join(folder, 'answer.json');
  await writeFile(file, JSON.stringify(content));
  return runCommand(['verify', file, ...options]);
}

function answer(attestation: unknown, processedAt = vector.epochSeconds): object {
  return {
    choices: [],
    _metadata: {
      payload_id: vector.payloadId,
      processed_at: processedAt,
      tpm_attestation: attestation,
    },
    server_public_key: serverKey,
  };
}

test('every check of a saved answer passes, for a trusted key', async () => {
  const { exitCode, stdout } = await verify(
    answer(vector.request),
    '--trust',
    vector.akName,
    '--json',
  );
  expect(exitCode).toBe(0);
  const { checks } = JSON.parse(stdout) as { checks: Record<string, string> };
  expect(Object.values(checks)).toEqual(Array(8).fill('passed'));
});

test('an attestation alone is judged, but for what only the request can tell', async () => {
  const { exitCode, stdout } = await verify(vector.request);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('✓  signature');
  expect(stdout).toContain('?  nonce');
  expect(stdout).toContain('?  keyBinding');
  expect(stdout).toContain('was not checked');
});

test('the request may be told beside the file', async () => {
  const pem = join(folder, 'server.pem');
  await writeFile(pem, serverKey);
  const told = ['--payload-id', vector.payloadId, '--server-key', pem];
  expect((await verify(vector.request, ...told)).stdout).toContain('✓  keyBinding');
});

test.each<[string, (honest: Vector) => Promise<Outcome>, string]>([
  ['another request', ({ request }) => verify(answer(request), '--payload-id', 'other'), 'nonce'],
  [
    'other registers',
    ({ request }) => verify(answer(request), '--pcrs', 'sha256:0,7'),
    'pcrSelection',
  ],
  ['an unknown key', ({ request }) => verify(answer(request), '--trust', '000b00'), 'akEnrolled'],
  [
    'an old epoch',
    ({ epoch, epochSeconds }) => verify(answer(epoch, epochSeconds + 3600)),
    'nonce',
  ],
])('%s fails the check "%s" and exits with 1', async (_what, judge, check) => {
  const { exitCode, stdout, stderr } = await judge(vector);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(`✗  ${check}`);
  expect(stderr).toContain('does not hold');
});

test.each([
  ['no attestation', { is_available: false }, 'no TPM'],
  ['half an attestation', { is_available: true }, 'malformed'],
  ['no JSON object', [], 'no JSON object'],
])('%s is told apart from a false one', async (_what, content, sentence) => {
  const { exitCode, stderr } = await verify(content);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(sentence);
});
