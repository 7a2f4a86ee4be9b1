import { createHash } from 'node:crypto';
import {
  EPOCH_SECONDS,
  epochNonce,
  quoteNonce,
  sha256,
  type QuoteFreshness,
  type TpmAttestation,
} from '@sealgate/protocol';
import type { Clock } from '../../platform/clock.ts';
import { quote, readPcrs, type AttestationKey, type TpmClient } from '../../platform/tpm/index.ts';

export interface QuoteRequest {
  readonly payloadId: string;
  /** The key that opened the request. */
  readonly serverSpkiDer: Uint8Array;
}

export interface QuoteDesk {
  quoteFor(request: QuoteRequest): Promise<TpmAttestation>;
}

interface Signer {
  readonly tpm: TpmClient;
  readonly key: AttestationKey;
  readonly pcrs: readonly number[];
}

/** A hardware TPM signs a few times a second; beyond this many waiting, requests share the epoch's quote. */
const MAX_WAITING = 2;
/** A PCR may be extended between reading and quoting. */
const MAX_TRIES = 3;

/** Makes a quote for each request while few are waiting, else one for all requests of ten seconds. */
export function createQuoteDesk(signer: Signer, clock: Clock): QuoteDesk {
  let waiting = 0;
  let shared: { readonly id: string; readonly attestation: Promise<TpmAttestation> } | undefined;

  const make = async (
    nonce: Promise<Uint8Array>,
    freshness: QuoteFreshness,
  ): Promise<TpmAttestation> => {
    waiting += 1;
    try {
      return { ...(await quotePcrs(signer, await nonce)), ...freshness };
    } finally {
      waiting -= 1;
    }
  };

  return {
    async quoteFor({ payloadId, serverSpkiDer }) {
      const spkiSha256 = await sha256(serverSpkiDer);
      if (waiting < MAX_WAITING) {
        return make(quoteNonce(payloadId, spkiSha256), { freshness: 'request' });
      }
      const epoch = Math.floor(clock() / 1000 / EPOCH_SECONDS) * EPOCH_SECONDS;
      const id = `${epoch} ${Buffer.from(spkiSha256).toString('hex')}`;
      if (shared?.id !== id) {
        const attestation = make(epochNonce(spkiSha256, epoch), { freshness: 'epoch', epoch });
        shared = { id, attestation };
      }
      return shared.attestation;
    },
  };
}

async function quotePcrs({ tpm, key, pcrs }: Signer, qualifyingData: Uint8Array) {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const values = await readPcrs(tpm, pcrs);
    const { attest, signature } = await quote(tpm, key.handle, { qualifyingData, pcrs });
    const inOrder = pcrs.map((index) => [index, values.get(index) ?? Buffer.alloc(0)] as const);
    const digest = createHash('sha256').update(Buffer.concat(inOrder.map(([, value]) => value)));
    // The digest is the last field of TPMS_ATTEST.
    if (!attest.subarray(-32).equals(digest.digest())) continue;
    return {
      is_available: true as const,
      pcr_banks: `sha256:${pcrs.join(',')}`,
      pcr_values: {
        sha256: Object.fromEntries(inOrder.map(([index, value]) => [index, value.toString('hex')])),
      },
      quote_b64: attest.toString('base64'),
      signature_b64: signature.toString('base64'),
      aik_pubkey_b64: key.publicArea.toString('base64'),
    };
  }
  throw new Error('the PCRs change faster than they can be quoted');
}
