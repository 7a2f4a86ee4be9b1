export {
  AES_KEY_BYTES,
  BINDING_NONCE_BYTES,
  ENVELOPE_ALGORITHM,
  EPOCH_SECONDS,
  MAX_PAYLOAD_ID_CHARACTERS,
  MAX_PLAINTEXT_BYTES,
  MAX_PUBLIC_KEY_HEADER_CHARACTERS,
  MAX_REQUEST_ENVELOPE_BYTES,
  PAYLOAD_ID_HEADER,
  PUBLIC_KEY_HEADER,
  PUBLIC_KEY_PATH,
  SECURE_COMPLETION_PATH,
  SECURITY_TIERS,
  SECURITY_TIER_HEADER,
  type SecurityTier,
} from './constants.ts';
export { decodeBase64, encodeBase64 } from './base64.ts';
export { encodeHex, sha256, type Bytes } from './bytes.ts';
export type { Failure, FieldProblem, Problem, Result } from './problem.ts';
export {
  BINDING_FIELDS,
  bindingOf,
  checkBinding,
  type Binding,
  type BindingCheck,
  type CheckedBinding,
} from './v1/binding.ts';
export type { TagLayout } from './v1/envelope.ts';
export { openRequest, sealRequest, type OpenedRequest } from './v1/request.ts';
export {
  openResponse,
  sealResponse,
  type OpenedResponse,
  type ResponseSealing,
} from './v1/response.ts';
export {
  RSA_OAEP_SHA256,
  decodePublicKeyHeader,
  encodePublicKeyHeader,
  importPublicKey,
  spkiToPem,
  unwrapWith,
  type PublicKey,
  type Unwrap,
} from './v1/rsa-key.ts';
export { attestationKeyName } from './attestation/attestation-key.ts';
export type { PcrValues } from './attestation/pcr.ts';
export { epochNonce, quoteNonce } from './attestation/quote-nonce.ts';
export {
  verifyQuote,
  type CheckVerdict,
  type QuoteCheck,
  type QuoteEvidence,
  type QuoteVerdict,
} from './attestation/quote.ts';
export {
  verifyAttestation,
  type AttestationExpectation,
  type QuoteFreshness,
  type TpmAttestation,
} from './attestation/tpm-attestation.ts';
