import { importPublicKey, verifyAttestation as verifyTpmAttestation } from '@sealgate/protocol';
import type { CheckVerdict, QuoteCheck } from '@sealgate/protocol';
import type { SealedChatCompletion } from './answer.ts';
import { originOf } from './origin.ts';
import type { Origin } from './origin.ts';

/** What to hold an attestation against. An answer fresh from a client of this process needs none. */
export interface AttestationOptions {
  /** The key to which the request was sealed; for answers that were saved and read again. */
  readonly serverPublicKeyPem?: string | undefined;
  /** The id of the request; for answers that were saved and read again. Default: `_metadata.payload_id`. */
  readonly payloadId?: string | undefined;
  /** The registers that must be quoted, e.g. `sha256:0,7,10`. Default: those the answer claims. */
  readonly expectedSelection?: string | undefined;
  /** Names of the attestation keys that you enrolled. Without them a software TPM passes, too. */
  readonly trustedAkNames?: readonly string[] | undefined;
}

/** What came of it. */
export type AttestationVerdict =
  | {
      readonly kind: 'judged';
      /** No check failed. Read `checks.akEnrolled` beside it. */
      readonly ok: boolean;
      readonly checks: Readonly<Record<QuoteCheck, CheckVerdict>>;
    }
  /** The server has no TPM, or none that it shows. */
  | { readonly kind: 'unavailable'; readonly ok: false }
  /** There is an attestation, but it cannot be read. */
  | { readonly kind: 'malformed'; readonly ok: false; readonly field: string };

/**
 * Checks the TPM quote of an answer: its signature, the attributes of the attestation key, the
 * nonce, the selection and digest of the registers, and whether the quote covers the key to which
 * the request was sealed.
 *
 * @throws {TypeError} the answer did not come from a client of this process and
 *   `serverPublicKeyPem` is missing or no RSA public key
 */
export async function verifyAttestation(
  answer: Pick<SealedChatCompletion, '_metadata'>,
  options: AttestationOptions = {},
): Promise<AttestationVerdict> {
  const origin = await requireOrigin(answer, options);
  const verdict = await verifyTpmAttestation(answer._metadata.tpm_attestation, {
    payloadId: origin.payloadId,
    serverSpkiDer: origin.serverSpkiDer,
    sentAtSeconds: origin.sentAtMs / 1000,
    receivedAtSeconds: origin.receivedAtMs / 1000,
    expectedSelection: options.expectedSelection,
    trustedAkNames: options.trustedAkNames,
  });
  if (verdict.ok) return { kind: 'judged', ...verdict.value };
  const { problem } = verdict;
  return 'field' in problem
    ? { kind: 'malformed', ok: false, field: problem.field }
    : { kind: 'unavailable', ok: false };
}

async function requireOrigin(
  answer: Pick<SealedChatCompletion, '_metadata'>,
  { serverPublicKeyPem, payloadId }: AttestationOptions,
): Promise<Origin> {
  const remembered = originOf(answer);
  if (serverPublicKeyPem === undefined) {
    if (remembered) return remembered;
    throw new TypeError('This answer was not received here: pass serverPublicKeyPem.');
  }
  const publicKey = await importPublicKey(serverPublicKeyPem);
  if (!publicKey.ok) throw new TypeError('serverPublicKeyPem is no suitable RSA public key.');
  // A saved answer has only the server's word for its time, which decides the age of an epoch alone.
  const claimedAtMs = (answer._metadata.processed_at ?? 0) * 1000;
  return {
    payloadId: payloadId ?? remembered?.payloadId ?? answer._metadata.payload_id,
    serverSpkiDer: publicKey.value.spkiDer,
    sentAtMs: remembered?.sentAtMs ?? claimedAtMs,
    receivedAtMs: remembered?.receivedAtMs ?? claimedAtMs,
  };
}
