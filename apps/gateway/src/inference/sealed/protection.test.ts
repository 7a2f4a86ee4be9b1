import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Protection } from './index.ts';

/** Starts sealed chat in a Node of its own, as an operator would, and asks it about itself. */
async function startedWith(...flags: string[]) {
  const door = fileURLToPath(new URL('index.ts', import.meta.url));
  const secret = fileURLToPath(new URL('../../platform/secret.ts', import.meta.url));
  const program = `
    import { secureHeapUsed } from 'node:crypto';
    import { createSealedChat, DEFAULT_ATTESTATION, DEFAULT_SEALED_LIMITS } from '${door}';
    import { Secret } from '${secret}';
    const chat = await createSealedChat({
      clock: () => Date.now(),
      installationSecret: new Secret('installation'),
      limits: DEFAULT_SEALED_LIMITS,
      attestation: { ...DEFAULT_ATTESTATION, tpm: { kind: 'off' } },
      isMemoryLockingWanted: true,
      onFault: (_, error) => { throw error; },
    });
    const pem = await chat.publicKeyPem();
    const protection = await chat.describeProtection();
    console.log(JSON.stringify({ pem, protection, heapUsed: secureHeapUsed().used }));
    chat.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    '--conditions=sealgate-source',
    '--import=tsx',
    '--input-type=module',
    `--eval=${program}`,
  ]);
  return JSON.parse(stdout) as { pem: string; protection: Protection; heapUsed: number };
}

test('with a secure heap the private key is in it, and locking memory is all that "maximum" lacks', async () => {
  const { pem, protection, heapUsed } = await startedWith(
    '--secure-heap=131072',
    '--secure-heap-min=16',
  );
  expect(pem).toContain('BEGIN PUBLIC KEY');
  // Two primes and four more numbers of 256 bytes, in each of four handles.
  expect(heapUsed).toBeGreaterThan(4 * 1024);
  expect(protection.memory.secureHeapBytes).toBe(131_072);
  expect(protection.isMaximumTierAvailable).toBe(protection.memory.locking.kind === 'effective');
});

test('without a secure heap "maximum" is not offered, and the process ends by itself', async () => {
  const { protection, heapUsed } = await startedWith();
  expect(heapUsed).toBe(0);
  expect(protection.isMaximumTierAvailable).toBe(false);
});
