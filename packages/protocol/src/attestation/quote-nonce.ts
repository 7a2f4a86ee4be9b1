import { concatBytes, encodeUtf8, sha256 } from '../bytes.ts';
import type { Bytes } from '../bytes.ts';

const QUOTE_LABEL = encodeUtf8('sealgate-v1-quote\0');
const EPOCH_LABEL = encodeUtf8('sealgate-v1-epoch\0');
const SEPARATOR = Uint8Array.of(0);

/** Qualifying data of a quote made for one request (SPEC §6.2). */
export function quoteNonce(payloadId: string, serverSpkiSha256: Uint8Array): Promise<Bytes> {
  return sha256(concatBytes(QUOTE_LABEL, encodeUtf8(payloadId), SEPARATOR, serverSpkiSha256));
}

/** Qualifying data of a quote that serves a whole epoch; `epoch` is its first Unix second. */
export function epochNonce(serverSpkiSha256: Uint8Array, epoch: number): Promise<Bytes> {
  const begin = new Uint8Array(8);
  new DataView(begin.buffer).setBigUint64(0, BigInt(epoch));
  return sha256(concatBytes(EPOCH_LABEL, begin, serverSpkiSha256));
}
