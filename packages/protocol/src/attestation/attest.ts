import type { Bytes } from '../bytes.ts';
import { ByteReader } from './byte-reader.ts';
import { hashOf } from './algorithms.ts';
import type { TpmHash } from './algorithms.ts';

const TPM_GENERATED = 0xff544347;
const ATTEST_QUOTE = 0x8018;
/** Clock (8), resetCount (4), restartCount (4), safe (1) and firmwareVersion (8). */
const CLOCK_AND_FIRMWARE_BYTES = 25;
/** The platform specifications allow 24 PCRs, the format no more than 16 banks. */
const MAX_BANKS = 16;
const MAX_BITMAP_BYTES = 3;

export interface PcrSelection {
  readonly hash: TpmHash;
  /** Ascending, without repetition. */
  readonly indices: readonly number[];
}

/** A parsed TPMS_ATTEST of type quote. */
export interface Attest {
  /** The bytes that were signed, without any size prefix. */
  readonly signed: Bytes;
  /** The qualifying data. */
  readonly extraData: Bytes;
  readonly selections: readonly PcrSelection[];
  readonly pcrDigest: Bytes;
}

/** Parses `quote_b64` in both framings, TPMS_ATTEST and TPM2B_ATTEST (SPEC §6.1). */
export function parseAttest(bytes: Uint8Array): Attest | undefined {
  const framed = new ByteReader(bytes);
  const content = framed.sized();
  // A bare quote begins with ff54, which as a size would be longer than any quote.
  const signed = framed.isComplete() ? content : new Uint8Array(bytes);

  const reader = new ByteReader(signed);
  const magic = reader.integer(4);
  const type = reader.integer(2);
  if (magic !== TPM_GENERATED || type !== ATTEST_QUOTE) return undefined;
  reader.sized(); // qualifiedSigner: unverifiable without the parent's name
  const extraData = reader.sized();
  reader.take(CLOCK_AND_FIRMWARE_BYTES);
  const selections = readSelections(reader);
  const pcrDigest = reader.sized();
  if (!selections || !reader.isComplete()) return undefined;
  return { signed, extraData, selections, pcrDigest };
}

function readSelections(reader: ByteReader): readonly PcrSelection[] | undefined {
  const count = reader.integer(4);
  if (count > MAX_BANKS) return undefined;
  const selections: PcrSelection[] = [];
  for (let bank = 0; bank < count; bank += 1) {
    const hash = hashOf(reader.integer(2));
    const bitmap = reader.take(reader.integer(1));
    const isKnown = hash && bitmap.length <= MAX_BITMAP_BYTES;
    if (!isKnown || selections.some((other) => other.hash === hash)) return undefined;
    selections.push({ hash, indices: indicesOf(bitmap) });
  }
  return selections;
}

/** PCR i is bit i mod 8 of byte i div 8. */
function indicesOf(bitmap: Uint8Array): readonly number[] {
  return Array.from({ length: bitmap.length * 8 }, (_, index) => index).filter(
    (index) => (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1,
  );
}
