import { encodeBase64Url } from '../base64.ts';
import { concatBytes } from '../bytes.ts';
import type { Bytes } from '../bytes.ts';
import { ECDSA, RSASSA, hashOf } from './algorithms.ts';
import type { TpmCurve, TpmHash } from './algorithms.ts';
import type { AttestationKey, VerifyingKey } from './attestation-key.ts';
import { ByteReader } from './byte-reader.ts';

/** A parsed TPMT_SIGNATURE. */
export type QuoteSignature =
  | { readonly kind: 'ecdsa'; readonly hash: TpmHash; readonly r: Bytes; readonly s: Bytes }
  | { readonly kind: 'rsassa'; readonly hash: TpmHash; readonly value: Bytes };

/** Parses `signature_b64`; undefined for other schemes and hashes (SPEC §6.1). */
export function parseQuoteSignature(bytes: Uint8Array): QuoteSignature | undefined {
  const reader = new ByteReader(bytes);
  const scheme = reader.integer(2);
  const hash = hashOf(reader.integer(2));
  if (!hash) return undefined;
  const signature = readValue(reader, scheme, hash);
  return reader.isComplete() ? signature : undefined;
}

export async function isSignedBy(
  key: AttestationKey,
  signature: QuoteSignature,
  signed: Bytes,
): Promise<boolean> {
  const { verifyingKey, schemeHash } = key;
  const value = signatureFor(verifyingKey, signature);
  if (!value || signature.hash !== schemeHash) return false;

  const { subtle } = globalThis.crypto;
  const hash = schemeHash.name;
  const algorithm =
    verifyingKey.kind === 'ecdsa'
      ? { name: 'ECDSA', namedCurve: verifyingKey.curve.name, hash }
      : { name: 'RSASSA-PKCS1-v1_5', hash };
  try {
    const jwk = printJwk(verifyingKey);
    const imported = await subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
    return await subtle.verify(algorithm, imported, value, signed);
  } catch {
    return false; // a point off the curve, a modulus that the runtime does not take
  }
}

function readValue(reader: ByteReader, scheme: number, hash: TpmHash): QuoteSignature | undefined {
  if (scheme === ECDSA) return { kind: 'ecdsa', hash, r: reader.sized(), s: reader.sized() };
  if (scheme === RSASSA) return { kind: 'rsassa', hash, value: reader.sized() };
  return undefined;
}

/** The signature as WebCrypto takes it (IEEE P1363 for ECDSA). */
function signatureFor(key: VerifyingKey, signature: QuoteSignature): Bytes | undefined {
  if (key.kind === 'rsassa') return signature.kind === 'rsassa' ? signature.value : undefined;
  if (signature.kind !== 'ecdsa') return undefined;
  const r = widen(signature.r, key.curve);
  const s = widen(signature.s, key.curve);
  return r && s && concatBytes(r, s);
}

function printJwk(key: VerifyingKey): JsonWebKey {
  if (key.kind === 'rsassa') return { kty: 'RSA', n: encodeBase64Url(key.modulus), e: 'AQAB' };
  const { curve } = key;
  const [x, y] = [widen(key.x, curve), widen(key.y, curve)];
  if (!x || !y) throw new RangeError('a coordinate is longer than its curve');
  return { kty: 'EC', crv: curve.name, x: encodeBase64Url(x), y: encodeBase64Url(y) };
}

/** TPM integers may lack leading zeros; JWK and P1363 want the full width. */
function widen(integer: Bytes, curve: TpmCurve): Bytes | undefined {
  if (integer.length > curve.bytes) return undefined;
  return concatBytes(new Uint8Array(curve.bytes - integer.length), integer);
}
