import { decodeBase64, encodeBase64 } from '../base64.ts';
import { equalBytes, unshared } from '../bytes.ts';
import type { Bytes } from '../bytes.ts';
import {
  MAX_MODULUS_BITS,
  MAX_PUBLIC_KEY_HEADER_CHARACTERS,
  MIN_MODULUS_BITS,
} from '../constants.ts';
import { failure, success } from '../problem.ts';
import type { Result } from '../problem.ts';

/** A checked RSA public key (SPEC §2.2); there is no way to hold an unsuitable one. */
export interface PublicKey {
  /** The SubjectPublicKeyInfo: what bindings and quotes hash. */
  readonly spkiDer: Bytes;
  readonly modulusBits: number;
  /** RSA-OAEP with SHA-256 and an empty label. */
  readonly wrap: (aesKey: Uint8Array) => Promise<Bytes>;
}

/**
 * Opens a wrapped AES key, or resolves with undefined when no private key at hand opens it. The
 * bytes it returns are wiped after use, so it must return bytes that nobody else holds.
 */
export type Unwrap = (wrappedKey: Uint8Array) => Promise<Uint8Array | undefined>;

/** What WebCrypto's `importKey` and `generateKey` need for v1 keys. */
export const RSA_OAEP_SHA256 = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;

const PEM = /^-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----$/;
const PEM_LINE_CHARACTERS = 64;
const PUBLIC_EXPONENT = Uint8Array.of(1, 0, 1);

/** Imports the server's or the client's PEM key, with or without its final newline. */
export async function importPublicKey(pem: string): Promise<Result<PublicKey>> {
  const der = pemToSpki(pem);
  const key = der && (await importSpki(der));
  // Only the canonical encoding: a key that can be spelled twice has two hashes (SPEC §2.2).
  if (!key || !equalBytes(key.spkiDer, der)) return failure({ kind: 'public-key-malformed' });

  const { modulusLength, publicExponent } = key.algorithm;
  const isSuitable =
    modulusLength >= MIN_MODULUS_BITS &&
    modulusLength <= MAX_MODULUS_BITS &&
    equalBytes(publicExponent, PUBLIC_EXPONENT);
  if (!isSuitable) return failure({ kind: 'public-key-unsuitable', modulusBits: modulusLength });

  return success({ spkiDer: key.spkiDer, modulusBits: modulusLength, wrap: key.wrap });
}

/** Prints SubjectPublicKeyInfo as PEM, with a final newline. */
export function spkiToPem(spkiDer: Uint8Array): string {
  const text = encodeBase64(spkiDer);
  const lines = Array.from({ length: Math.ceil(text.length / PEM_LINE_CHARACTERS) }, (_, line) =>
    text.slice(line * PEM_LINE_CHARACTERS, (line + 1) * PEM_LINE_CHARACTERS),
  );
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
}

/** Prints a PEM key as the value of `X-Public-Key` (SPEC §2.2). */
export function encodePublicKeyHeader(pem: string): string {
  return encodeURIComponent(pem);
}

/** Reads `X-Public-Key` into PEM text. Percent-decoding only: a `+` is base64 and stays. */
export function decodePublicKeyHeader(text: string): Result<string> {
  if (text.length <= MAX_PUBLIC_KEY_HEADER_CHARACTERS) {
    try {
      return success(decodeURIComponent(text));
    } catch {
      // Not percent-encoded UTF-8: the same answer as for a value that is too long.
    }
  }
  return failure({ kind: 'public-key-header-malformed' });
}

/** Unwraps with one WebCrypto private key, imported with {@link RSA_OAEP_SHA256}. */
export function unwrapWith(privateKey: CryptoKey): Unwrap {
  return async (wrappedKey) => {
    try {
      const { subtle } = globalThis.crypto;
      return new Uint8Array(await subtle.decrypt('RSA-OAEP', privateKey, unshared(wrappedKey)));
    } catch {
      return undefined;
    }
  };
}

function pemToSpki(pem: string): Bytes | undefined {
  const body = PEM.exec(pem.trim())?.[1];
  return body === undefined ? undefined : decodeBase64(body.replaceAll(/[\r\n]/g, ''));
}

interface ImportedKey {
  readonly spkiDer: Bytes;
  readonly algorithm: RsaHashedKeyAlgorithm;
  readonly wrap: PublicKey['wrap'];
}

async function importSpki(der: Bytes): Promise<ImportedKey | undefined> {
  const { subtle } = globalThis.crypto;
  try {
    const key = await subtle.importKey('spki', der, RSA_OAEP_SHA256, true, ['encrypt']);
    return {
      spkiDer: new Uint8Array(await subtle.exportKey('spki', key)),
      algorithm: key.algorithm as RsaHashedKeyAlgorithm,
      wrap: async (aesKey) =>
        new Uint8Array(await subtle.encrypt('RSA-OAEP', key, unshared(aesKey))),
    };
  } catch {
    return undefined;
  }
}
