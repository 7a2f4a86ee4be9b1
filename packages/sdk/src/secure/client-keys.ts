import { RSA_OAEP_SHA256, importPublicKey, spkiToPem, unwrapWith } from '@sealgate/protocol';
import type { Bytes, PublicKey, Unwrap } from '@sealgate/protocol';
import { SecurityError } from '../errors.ts';
import type { StoredKeyPair } from './key-files.ts';

/** The client's RSA key: the half to show, and what opens answers. */
export interface ClientKeys {
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
  readonly spkiDer: Bytes;
  readonly unwrap: Unwrap;
}

/** Size of the modulus in bits. */
export type KeySize = 2048 | 4096;

const PUBLIC_EXPONENT = Uint8Array.of(1, 0, 1);
const PROBE_BYTES = 32;

/** Makes a key that cannot leave this process. Takes about a second for 4096 bits. */
export async function generateClientKeys(modulusLength: KeySize): Promise<ClientKeys> {
  const { publicKey, privateKey } = await generate(modulusLength, false);
  const spkiDer = await exportKey('spki', publicKey);
  return { publicKeyPem: spkiToPem(spkiDer), spkiDer, unwrap: unwrapWith(privateKey) };
}

/** Makes a key to be stored. */
export async function generateStoredKeyPair(modulusLength: KeySize): Promise<StoredKeyPair> {
  const { publicKey, privateKey } = await generate(modulusLength, true);
  const [pkcs8, spkiDer] = await Promise.all([
    exportKey('pkcs8', privateKey),
    exportKey('spki', publicKey),
  ]);
  return { pkcs8, publicKeyPem: spkiToPem(spkiDer) };
}

/** Takes a stored key into use and wipes its copy. Refuses halves that do not belong together. */
export async function importClientKeys(stored: StoredKeyPair): Promise<ClientKeys> {
  try {
    const publicKey = await importPublicKey(stored.publicKeyPem);
    if (!publicKey.ok) {
      const message = 'The public key is damaged, no RSA key, or shorter than 2048 bits.';
      throw new SecurityError(message, { cause: publicKey.problem });
    }
    const { subtle } = globalThis.crypto;
    const key = await subtle.importKey('pkcs8', stored.pkcs8, RSA_OAEP_SHA256, false, ['decrypt']);
    const unwrap = unwrapWith(key);
    if (!(await belongTogether(publicKey.value, unwrap))) {
      throw new SecurityError('The public key does not belong to the private key.');
    }
    const { spkiDer } = publicKey.value;
    return { publicKeyPem: spkiToPem(spkiDer), spkiDer, unwrap };
  } finally {
    stored.pkcs8.fill(0);
  }
}

async function belongTogether(publicKey: PublicKey, unwrap: Unwrap): Promise<boolean> {
  const probe = globalThis.crypto.getRandomValues(new Uint8Array(PROBE_BYTES));
  const returned = await unwrap(await publicKey.wrap(probe));
  return returned?.toString() === probe.toString();
}

function generate(modulusLength: KeySize, isExtractable: boolean): Promise<CryptoKeyPair> {
  const algorithm = { ...RSA_OAEP_SHA256, modulusLength, publicExponent: PUBLIC_EXPONENT };
  return globalThis.crypto.subtle.generateKey(algorithm, isExtractable, ['encrypt', 'decrypt']);
}

async function exportKey(format: 'spki' | 'pkcs8', key: CryptoKey): Promise<Bytes> {
  return new Uint8Array(await globalThis.crypto.subtle.exportKey(format, key));
}
