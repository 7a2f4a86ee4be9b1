/** Paths, headers and values of sealed chat v1 (SPEC §2, §3). */
export const PUBLIC_KEY_PATH = '/pki/public_key';
export const SECURE_COMPLETION_PATH = '/v1/chat/secure_completion';
export const PAYLOAD_ID_HEADER = 'x-payload-id';
export const PUBLIC_KEY_HEADER = 'x-public-key';
export const SECURITY_TIER_HEADER = 'x-security-tier';

export const SECURITY_TIERS = ['standard', 'high', 'maximum'] as const;
/** How far the server must go to protect a request (SPEC §2.3). */
export type SecurityTier = (typeof SECURITY_TIERS)[number];

export const ENVELOPE_VERSION = '1.0';
export const ENVELOPE_ALGORITHM = 'hybrid-aes256-rsa4096';
export const KEY_ALGORITHM = 'RSA-OAEP-SHA256';
export const PAYLOAD_ALGORITHM = 'AES-256-GCM';

/** Lengths of SPEC §3, in bytes. */
export const AES_KEY_BYTES = 32;
export const GCM_NONCE_BYTES = 12;
export const GCM_TAG_BYTES = 16;
export const MIN_WRAPPED_KEY_BYTES = 256;
export const MAX_WRAPPED_KEY_BYTES = 1024;

/** Accepted RSA moduli, in bits (SPEC §2.2). */
export const MIN_MODULUS_BITS = 2048;
export const MAX_MODULUS_BITS = 8192;

/** Limits of SPEC §3.4: the plaintext of a request, and the envelope that carries it. */
export const MAX_PLAINTEXT_BYTES: number = 10 * 1024 * 1024;
export const MAX_REQUEST_ENVELOPE_BYTES = 14_000_000;
export const MAX_PAYLOAD_ID_CHARACTERS = 128;
export const MAX_PUBLIC_KEY_HEADER_CHARACTERS = 4096;

/** The binding of SPEC §4. */
export const BINDING_NONCE_BYTES = 16;
export const MAX_IDEMPOTENCY_KEY_CHARACTERS = 128;

/** One epoch quote serves this many seconds (SPEC §6.2). */
export const EPOCH_SECONDS = 10;
export const CLOCK_SKEW_SECONDS = 60;
