import { concatBytes, digest, encodeHex } from '../bytes.ts';
import type { Bytes } from '../bytes.ts';
import { MAX_MODULUS_BITS, MIN_MODULUS_BITS } from '../constants.ts';
import { ECDSA, NULL_ALGORITHM, RSASSA, curveOf, hashOf } from './algorithms.ts';
import type { TpmCurve, TpmHash } from './algorithms.ts';
import { ByteReader } from './byte-reader.ts';

const TYPE_RSA = 0x0001;
const TYPE_ECC = 0x0023;
/** In a TPM's public area the exponent 0 stands for 65537. */
const PUBLIC_EXPONENTS: ReadonlySet<number> = new Set([0, 65537]);

const FIXED_TPM = 1 << 1;
const FIXED_PARENT = 1 << 4;
const SENSITIVE_DATA_ORIGIN = 1 << 5;
const RESTRICTED = 1 << 16;
const DECRYPT = 1 << 17;
const SIGN = 1 << 18;
const REQUIRED = FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN | RESTRICTED | SIGN;

export type VerifyingKey =
  | { readonly kind: 'ecdsa'; readonly curve: TpmCurve; readonly x: Bytes; readonly y: Bytes }
  | { readonly kind: 'rsassa'; readonly modulus: Bytes };

/** A parsed TPM2B_PUBLIC of a signing key. */
export interface AttestationKey {
  readonly nameHash: TpmHash;
  readonly attributes: number;
  /** The hash of the key's own scheme, from which a restricted key cannot depart. */
  readonly schemeHash: TpmHash;
  readonly verifyingKey: VerifyingKey;
  /** TPMT_PUBLIC, which the name hashes. */
  readonly encoded: Bytes;
}

/** Parses `aik_pubkey_b64`; undefined for other key types, schemes and curves (SPEC §6.1). */
export function parseAttestationKey(bytes: Uint8Array): AttestationKey | undefined {
  const framed = new ByteReader(bytes);
  const encoded = framed.sized();
  if (!framed.isComplete()) return undefined;

  const reader = new ByteReader(encoded);
  const type = reader.integer(2);
  const nameHash = hashOf(reader.integer(2));
  const attributes = reader.integer(4);
  reader.sized(); // authPolicy: who may use the key, not what it can sign
  const symmetric = reader.integer(2);
  const scheme = reader.integer(2);
  const schemeHash = hashOf(reader.integer(2));
  const verifyingKey = readVerifyingKey(reader, type, scheme);
  const isWhole = symmetric === NULL_ALGORITHM && reader.isComplete();
  if (!isWhole || !nameHash || !schemeHash || !verifyingKey) return undefined;
  return { nameHash, attributes, schemeHash, verifyingKey, encoded };
}

/**
 * Whether only the TPM can have made what this key signs. `restricted` is what matters: without it
 * the host can sign bytes of its own that begin with the magic of a quote.
 */
export function hasAttestationAttributes({ attributes }: AttestationKey): boolean {
  return (attributes & REQUIRED) === REQUIRED && (attributes & DECRYPT) === 0;
}

/** The TPM's name of a key, in hexadecimal: what an operator enrols and a client pins. */
export async function attestationKeyName(akPublic: Uint8Array): Promise<string | undefined> {
  const key = parseAttestationKey(akPublic);
  if (!key) return undefined;
  const nameAlgorithm = key.encoded.subarray(2, 4);
  return encodeHex(concatBytes(nameAlgorithm, await digest(key.nameHash.name, key.encoded)));
}

function readVerifyingKey(
  reader: ByteReader,
  type: number,
  scheme: number,
): VerifyingKey | undefined {
  if (type === TYPE_ECC && scheme === ECDSA) return readEcc(reader);
  if (type === TYPE_RSA && scheme === RSASSA) return readRsa(reader);
  return undefined;
}

function readEcc(reader: ByteReader): VerifyingKey | undefined {
  const curve = curveOf(reader.integer(2));
  const derivation = reader.integer(2);
  const [x, y] = [reader.sized(), reader.sized()];
  return curve && derivation === NULL_ALGORITHM ? { kind: 'ecdsa', curve, x, y } : undefined;
}

function readRsa(reader: ByteReader): VerifyingKey | undefined {
  const bits = reader.integer(2);
  const exponent = reader.integer(4);
  const modulus = reader.sized();
  const isSuitable = bits >= MIN_MODULUS_BITS && bits <= MAX_MODULUS_BITS;
  const isWellFormed = modulus.length * 8 === bits && PUBLIC_EXPONENTS.has(exponent);
  return isSuitable && isWellFormed ? { kind: 'rsassa', modulus } : undefined;
}
