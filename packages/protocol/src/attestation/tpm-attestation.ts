import { decodeBase64 } from '../base64.ts';
import { sha256 } from '../bytes.ts';
import type { Bytes } from '../bytes.ts';
import { CLOCK_SKEW_SECONDS, EPOCH_SECONDS } from '../constants.ts';
import { failure, success } from '../problem.ts';
import type { Failure, Result } from '../problem.ts';
import type { PcrValues } from './pcr.ts';
import { epochNonce, quoteNonce } from './quote-nonce.ts';
import { judge, verifyQuote } from './quote.ts';
import type { QuoteVerdict } from './quote.ts';

/** `_metadata.tpm_attestation` as it is written on the wire (SPEC §6.1). */
export type TpmAttestation =
  | { readonly is_available: false }
  | ({
      readonly is_available: true;
      /** Such as `sha256:0,7,10`. */
      readonly pcr_banks: string;
      readonly pcr_values: PcrValues;
      readonly quote_b64: string;
      readonly signature_b64: string;
      readonly aik_pubkey_b64: string;
    } & QuoteFreshness);

/** Whether the quote was made for this request, or serves the epoch that began at `epoch`. */
export type QuoteFreshness =
  | { readonly freshness: 'request' }
  | { readonly freshness: 'epoch'; readonly epoch: number };

export interface AttestationExpectation {
  readonly payloadId: string;
  /** The key to which the client sealed the request. */
  readonly serverSpkiDer: Uint8Array;
  /** Unix seconds on the client's clock; they bound the epoch. */
  readonly sentAtSeconds: number;
  readonly receivedAtSeconds: number;
  readonly expectedSelection?: string | undefined;
  readonly trustedAkNames?: readonly string[] | undefined;
}

/**
 * Checks the attestation of a reply against the request that it answers (SPEC §6). Fails only when
 * there is no attestation to judge; a false one yields a verdict.
 */
export async function verifyAttestation(
  attestation: unknown,
  expectation: AttestationExpectation,
): Promise<Result<QuoteVerdict>> {
  const parsed = parseAttestation(attestation);
  if (!parsed.ok) return parsed;
  const { freshness, claimedSelection, ...evidence } = parsed.value;

  const { checks } = await verifyQuote({
    ...evidence,
    expectedNonce: await expectedNonce(freshness, expectation),
    expectedSelection: expectation.expectedSelection ?? claimedSelection,
    trustedAkNames: expectation.trustedAkNames,
  });
  // One hash covers moment and key, so they stand or fall together, save for the age of an epoch.
  return success(
    judge({
      ...checks,
      keyBinding: checks.nonce,
      nonce: isCurrent(freshness, expectation) ? checks.nonce : 'failed',
    }),
  );
}

interface ParsedAttestation {
  readonly quote: Bytes;
  readonly signature: Bytes;
  readonly akPublic: Bytes;
  readonly pcrValues: PcrValues;
  readonly claimedSelection: string;
  readonly freshness: QuoteFreshness;
}

type Fields = Readonly<Record<string, unknown>>;

function parseAttestation(attestation: unknown): Result<ParsedAttestation> {
  if (!isFields(attestation)) return failure({ kind: 'attestation-unavailable' });
  if (attestation['is_available'] === false) return failure({ kind: 'attestation-unavailable' });
  if (attestation['is_available'] !== true) return invalid('is_available');

  const claimedSelection = attestation['pcr_banks'];
  if (typeof claimedSelection !== 'string') return invalid('pcr_banks');
  const pcrValues = attestation['pcr_values'];
  if (!isPcrValues(pcrValues)) return invalid('pcr_values');
  const freshness = parseFreshness(attestation);
  if (!freshness) return invalid('freshness');
  const quote = decode(attestation['quote_b64']);
  if (!quote) return invalid('quote_b64');
  const signature = decode(attestation['signature_b64']);
  if (!signature) return invalid('signature_b64');
  const akPublic = decode(attestation['aik_pubkey_b64']);
  if (!akPublic) return invalid('aik_pubkey_b64');
  return success({ quote, signature, akPublic, pcrValues, claimedSelection, freshness });
}

/** Absent means a quote per request, as the compatible servers make it. */
function parseFreshness({ freshness, epoch }: Fields): QuoteFreshness | undefined {
  if (freshness === undefined || freshness === 'request') return { freshness: 'request' };
  const isEpoch = typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch >= 0;
  return freshness === 'epoch' && isEpoch ? { freshness, epoch } : undefined;
}

async function expectedNonce(
  freshness: QuoteFreshness,
  { payloadId, serverSpkiDer }: AttestationExpectation,
): Promise<Bytes> {
  const spkiSha256 = await sha256(serverSpkiDer);
  return freshness.freshness === 'request'
    ? quoteNonce(payloadId, spkiSha256)
    : epochNonce(spkiSha256, freshness.epoch);
}

function isCurrent(freshness: QuoteFreshness, expectation: AttestationExpectation): boolean {
  if (freshness.freshness === 'request') return true;
  const earliest = expectation.sentAtSeconds - EPOCH_SECONDS - CLOCK_SKEW_SECONDS;
  const latest = expectation.receivedAtSeconds + CLOCK_SKEW_SECONDS;
  return freshness.epoch >= earliest && freshness.epoch <= latest;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPcrValues(value: unknown): value is PcrValues {
  return (
    isFields(value) &&
    Object.values(value).every(
      (bank) => isFields(bank) && Object.values(bank).every((pcr) => typeof pcr === 'string'),
    )
  );
}

function decode(value: unknown): Bytes | undefined {
  return typeof value === 'string' ? decodeBase64(value) : undefined;
}

function invalid(field: string): Failure {
  return failure({ kind: 'field-invalid', field });
}
