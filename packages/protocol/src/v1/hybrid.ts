import { unshared } from '../bytes.ts';
import type { Bytes } from '../bytes.ts';
import { AES_KEY_BYTES, GCM_NONCE_BYTES } from '../constants.ts';
import { failure, success } from '../problem.ts';
import type { Result } from '../problem.ts';
import type { Envelope, TagLayout } from './envelope.ts';
import type { PublicKey, Unwrap } from './rsa-key.ts';

/**
 * Seals under a fresh AES key and nonce (SPEC §3.2). Both come from WebCrypto and cannot be given:
 * a repeated pair would give away both messages.
 */
export async function sealPayload(
  plaintext: Uint8Array,
  recipient: PublicKey,
  tagLayout: TagLayout,
): Promise<Envelope> {
  const { crypto } = globalThis;
  const rawKey = crypto.getRandomValues(new Uint8Array(AES_KEY_BYTES));
  const nonce = crypto.getRandomValues(new Uint8Array(GCM_NONCE_BYTES));
  try {
    const key = await crypto.subtle.importKey('raw', rawKey, 'AES-GCM', false, ['encrypt']);
    const [sealed, wrappedKey] = await Promise.all([
      crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, unshared(plaintext)),
      recipient.wrap(rawKey),
    ]);
    return { sealed: new Uint8Array(sealed), nonce, wrappedKey, tagLayout };
  } finally {
    rawKey.fill(0);
  }
}

/**
 * Opens an envelope (SPEC §3.2). A wrapped key that does not open costs the same work as a wrong
 * tag, so that the time of a refusal does not tell which of the two failed.
 */
export async function openPayload(envelope: Envelope, unwrap: Unwrap): Promise<Result<Bytes>> {
  const unwrapped = await unwrap(envelope.wrappedKey);
  const isUnwrapped = unwrapped?.length === AES_KEY_BYTES;
  const rawKey = isUnwrapped
    ? unshared(unwrapped)
    : globalThis.crypto.getRandomValues(new Uint8Array(AES_KEY_BYTES));
  const plaintext = await decrypt(rawKey, envelope);
  unwrapped?.fill(0);
  rawKey.fill(0);
  if (!isUnwrapped) return failure({ kind: 'key-not-unwrapped' });
  return plaintext ? success(plaintext) : failure({ kind: 'not-authentic' });
}

async function decrypt(rawKey: Bytes, { sealed, nonce }: Envelope): Promise<Bytes | undefined> {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey('raw', rawKey, 'AES-GCM', false, ['decrypt']);
  try {
    return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv: nonce }, key, sealed));
  } catch {
    return undefined;
  }
}
