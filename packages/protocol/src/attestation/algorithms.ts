/** A hash algorithm of TPM 2.0 that a quote may use (SPEC §6.1); SHA-1 is not among them. */
export interface TpmHash {
  /** As in `pcr_banks` and `pcr_values`. */
  readonly bank: string;
  /** As WebCrypto names it. */
  readonly name: string;
  readonly bytes: number;
}

export interface TpmCurve {
  /** As WebCrypto names it. */
  readonly name: string;
  readonly bytes: number;
}

/** TPM_ALG_ID values of signature schemes, and of none. */
export const RSASSA = 0x0014;
export const ECDSA = 0x0018;
export const NULL_ALGORITHM = 0x0010;

const HASHES: ReadonlyMap<number, TpmHash> = new Map([
  [0x000b, { bank: 'sha256', name: 'SHA-256', bytes: 32 }],
  [0x000c, { bank: 'sha384', name: 'SHA-384', bytes: 48 }],
]);

const CURVES: ReadonlyMap<number, TpmCurve> = new Map([
  [0x0003, { name: 'P-256', bytes: 32 }],
  [0x0004, { name: 'P-384', bytes: 48 }],
]);

export function hashOf(id: number): TpmHash | undefined {
  return HASHES.get(id);
}

export function curveOf(id: number): TpmCurve | undefined {
  return CURVES.get(id);
}
