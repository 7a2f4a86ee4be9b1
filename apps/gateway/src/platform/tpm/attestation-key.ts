import { TpmError, type TpmClient } from './client.ts';
import { createAttestationKey, flushContext, makePersistent, readPublic } from './commands.ts';

export interface AttestationKey {
  readonly handle: number;
  /** TPM2B_PUBLIC, what a verifier pins. */
  readonly publicArea: Buffer;
  readonly isPersistent: boolean;
}

/** fixedTPM, fixedParent, sensitiveDataOrigin, restricted and sign; decrypt must be off. */
const REQUIRED_ATTRIBUTES = 0x0005_0032;
const DECRYPT_ATTRIBUTE = 0x0002_0000;

/**
 * The key at the configured handle, or a new one put there. Where the owner's password forbids that, the derived key
 * stays loaded for the life of this connection and is the same after a restart.
 */
export async function obtainAttestationKey(
  tpm: TpmClient,
  persistentHandle: number,
): Promise<AttestationKey> {
  const existing = await unlessRefused(readPublic(tpm, persistentHandle));
  if (existing) {
    if (isAttestationKey(existing)) {
      return { handle: persistentHandle, publicArea: existing, isPersistent: true };
    }
    throw new Error(`TPM handle 0x${persistentHandle.toString(16)} holds a key that cannot attest`);
  }
  const { handle, publicArea } = await createAttestationKey(tpm);
  const isPersistent = await unlessRefused(
    makePersistent(tpm, handle, persistentHandle).then(() => true),
  );
  if (!isPersistent) return { handle, publicArea, isPersistent: false };
  await flushContext(tpm, handle);
  return { handle: persistentHandle, publicArea, isPersistent: true };
}

/** `restricted` is what keeps a key from signing bytes that only look like a quote. */
function isAttestationKey(publicArea: Buffer): boolean {
  const attributes = publicArea.readUInt32BE(6);
  return (attributes & (REQUIRED_ATTRIBUTES | DECRYPT_ATTRIBUTE)) >>> 0 === REQUIRED_ATTRIBUTES;
}

async function unlessRefused<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (error instanceof TpmError && error.problem === 'refused') return undefined;
    throw error;
  });
}
