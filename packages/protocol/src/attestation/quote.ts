import { equalBytes } from '../bytes.ts';
import { parseAttest } from './attest.ts';
import type { Attest } from './attest.ts';
import {
  attestationKeyName,
  hasAttestationAttributes,
  parseAttestationKey,
} from './attestation-key.ts';
import type { AttestationKey } from './attestation-key.ts';
import { isDigestOf, isExpectedSelection, isSelectionOf } from './pcr.ts';
import type { PcrValues } from './pcr.ts';
import { isSignedBy, parseQuoteSignature } from './quote-signature.ts';
import type { QuoteSignature } from './quote-signature.ts';

/** Everything that is checked about a quote (SPEC §6.3). */
export type QuoteCheck =
  /** All three structures parse, the quote is one, and no byte is left over. */
  | 'format'
  | 'signature'
  /** The key signs only what the TPM itself made. */
  | 'akAttributes'
  /** The key is one that the caller trusts; without this, any software TPM passes. */
  | 'akEnrolled'
  /** The quote was made for this request, or for a current epoch. */
  | 'nonce'
  | 'pcrSelection'
  | 'pcrDigest'
  /** The quote covers the server key to which the request was sealed. */
  | 'keyBinding';

export type CheckVerdict = 'passed' | 'failed' | 'not-checked';

export interface QuoteVerdict {
  /** No check failed. Read `akEnrolled` beside it: a quote without enrolment proves no hardware. */
  readonly ok: boolean;
  readonly checks: Readonly<Record<QuoteCheck, CheckVerdict>>;
}

export interface QuoteEvidence {
  /** TPMS_ATTEST or TPM2B_ATTEST. */
  readonly quote: Uint8Array;
  /** TPMT_SIGNATURE. */
  readonly signature: Uint8Array;
  /** TPM2B_PUBLIC. */
  readonly akPublic: Uint8Array;
  readonly pcrValues: PcrValues;
  readonly expectedNonce: Uint8Array;
  /** The PCRs that the caller insists on, e.g. `sha256:0,7,10`. */
  readonly expectedSelection?: string | undefined;
  /** Names of enrolled keys, as {@link attestationKeyName} prints them. */
  readonly trustedAkNames?: readonly string[] | undefined;
}

const NOTHING_CHECKED: QuoteVerdict['checks'] = {
  format: 'not-checked',
  signature: 'not-checked',
  akAttributes: 'not-checked',
  akEnrolled: 'not-checked',
  nonce: 'not-checked',
  pcrSelection: 'not-checked',
  pcrDigest: 'not-checked',
  keyBinding: 'not-checked',
};

/** Checks a TPM 2.0 quote (SPEC §6.3). Every check is made, whatever the others say. */
export async function verifyQuote(evidence: QuoteEvidence): Promise<QuoteVerdict> {
  const attest = parseAttest(evidence.quote);
  const signature = parseQuoteSignature(evidence.signature);
  const key = parseAttestationKey(evidence.akPublic);
  if (!attest || !signature || !key) return judge({ ...NOTHING_CHECKED, format: 'failed' });
  return judge(await check({ attest, signature, key }, evidence));
}

/** Sums a table of verdicts up. */
export function judge(checks: QuoteVerdict['checks']): QuoteVerdict {
  return { ok: !Object.values(checks).includes('failed'), checks };
}

interface Parsed {
  readonly attest: Attest;
  readonly signature: QuoteSignature;
  readonly key: AttestationKey;
}

async function check(parsed: Parsed, evidence: QuoteEvidence): Promise<QuoteVerdict['checks']> {
  const { attest, signature, key } = parsed;
  const { selections, pcrDigest } = attest;
  const covered = { selections, values: evidence.pcrValues };
  return {
    format: 'passed',
    signature: verdict(await isSignedBy(key, signature, attest.signed)),
    akAttributes: verdict(hasAttestationAttributes(key)),
    akEnrolled: await enrolment(evidence),
    nonce: verdict(equalBytes(attest.extraData, evidence.expectedNonce)),
    pcrSelection: verdict(isSelectionAccepted(selections, evidence)),
    pcrDigest: verdict(await isDigestOf(pcrDigest, covered, signature.hash)),
    keyBinding: 'not-checked',
  };
}

function verdict(isPassed: boolean): CheckVerdict {
  return isPassed ? 'passed' : 'failed';
}

async function enrolment(evidence: QuoteEvidence): Promise<CheckVerdict> {
  if (!evidence.trustedAkNames) return 'not-checked';
  const name = await attestationKeyName(evidence.akPublic);
  return verdict(name !== undefined && evidence.trustedAkNames.includes(name));
}

function isSelectionAccepted(
  selections: Attest['selections'],
  { pcrValues, expectedSelection }: QuoteEvidence,
): boolean {
  if (!isSelectionOf(selections, pcrValues)) return false;
  return expectedSelection === undefined || isExpectedSelection(selections, expectedSelection);
}
