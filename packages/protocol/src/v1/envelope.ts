import { decodeBase64, encodeBase64 } from '../base64.ts';
import { concatBytes, decodeUtf8, encodeUtf8 } from '../bytes.ts';
import type { Bytes } from '../bytes.ts';
import {
  ENVELOPE_ALGORITHM,
  ENVELOPE_VERSION,
  GCM_NONCE_BYTES,
  GCM_TAG_BYTES,
  KEY_ALGORITHM,
  MAX_WRAPPED_KEY_BYTES,
  MIN_WRAPPED_KEY_BYTES,
  PAYLOAD_ALGORITHM,
} from '../constants.ts';
import { failure, success } from '../problem.ts';
import type { Failure, FieldProblem, Result } from '../problem.ts';

/**
 * Where the GCM tag stands (SPEC §3.2): in its own field `tag`, or as the last 16 bytes of
 * `ciphertext` with no such field. The published clients differ, and a reply must have the layout
 * of its request.
 */
export type TagLayout = 'separate' | 'appended';

/** A v1 envelope (SPEC §3.1). Only `sealed` is authenticated; every other field is a claim. */
export interface Envelope {
  /** Ciphertext followed by its tag, whatever the layout on the wire. */
  readonly sealed: Bytes;
  readonly nonce: Bytes;
  readonly wrappedKey: Bytes;
  readonly tagLayout: TagLayout;
  /** Unix seconds at which the server made the reply; absent in requests. */
  readonly processedAt?: number;
}

/** An honest envelope has two objects and nine commas, and base64 has neither character. */
const MAX_STRUCTURE_CHARACTERS = 64;
const isStructure = new Uint8Array(256);
for (const code of encodeUtf8('{[,')) isStructure[code] = 1;

export function printEnvelope(envelope: Envelope): Bytes {
  const { sealed, tagLayout, processedAt } = envelope;
  const tagStart = tagLayout === 'separate' ? sealed.length - GCM_TAG_BYTES : sealed.length;
  return encodeUtf8(
    JSON.stringify({
      version: ENVELOPE_VERSION,
      algorithm: ENVELOPE_ALGORITHM,
      encrypted_payload: {
        ciphertext: encodeBase64(sealed.subarray(0, tagStart)),
        nonce: encodeBase64(envelope.nonce),
        ...(tagLayout === 'separate' && { tag: encodeBase64(sealed.subarray(tagStart)) }),
      },
      encrypted_aes_key: encodeBase64(envelope.wrappedKey),
      key_algorithm: KEY_ALGORITHM,
      payload_algorithm: PAYLOAD_ALGORITHM,
      ...(processedAt !== undefined && { processed_at: processedAt }),
    }),
  );
}

/** Parses and checks everything that needs no key (SPEC §3.3). Unknown fields are ignored. */
export function parseEnvelope(bytes: Uint8Array): Result<Envelope> {
  if (isTooComplex(bytes)) return failure({ kind: 'envelope-too-complex' });
  const fields = parseObject(bytes);
  if (!fields) return failure({ kind: 'envelope-not-json' });

  const unsupported = findUnsupported(fields);
  if (unsupported) return failure(unsupported);

  const processedAt = fields['processed_at'];
  if (processedAt !== undefined && !isUnixSeconds(processedAt)) return invalid('processed_at');

  const payload = parsePayload(fields['encrypted_payload']);
  if (!payload.ok) return payload;

  const wrappedKey = decodeField(fields['encrypted_aes_key'], 'encrypted_aes_key', {
    minimum: MIN_WRAPPED_KEY_BYTES,
    maximum: MAX_WRAPPED_KEY_BYTES,
  });
  if (!wrappedKey.ok) return wrappedKey;

  return success({
    ...payload.value,
    wrappedKey: wrappedKey.value,
    ...(processedAt !== undefined && { processedAt }),
  });
}

type Fields = Readonly<Record<string, unknown>>;
type SealedPayload = Pick<Envelope, 'sealed' | 'nonce' | 'tagLayout'>;

// Fourteen megabytes of `[[[[…` would cost `JSON.parse` some hundred megabytes of memory.
function isTooComplex(bytes: Uint8Array): boolean {
  let structureCharacters = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    structureCharacters += isStructure[bytes[index] ?? 0] ?? 0;
  }
  return structureCharacters > MAX_STRUCTURE_CHARACTERS;
}

function parseObject(bytes: Uint8Array): Fields | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function findUnsupported(fields: Fields): FieldProblem | undefined {
  const expected = [
    ['version', ENVELOPE_VERSION, 'required'],
    ['algorithm', ENVELOPE_ALGORITHM, 'required'],
    ['key_algorithm', KEY_ALGORITHM, 'optional'],
    ['payload_algorithm', PAYLOAD_ALGORITHM, 'optional'],
  ] as const;
  for (const [field, value, presence] of expected) {
    const found = fields[field];
    if (found === value) continue;
    if (found !== undefined) return { kind: 'field-unsupported', field };
    if (presence === 'required') return { kind: 'field-missing', field };
  }
  return undefined;
}

function parsePayload(payload: unknown): Result<SealedPayload> {
  if (payload === undefined) return missing('encrypted_payload');
  if (!isFields(payload)) return invalid('encrypted_payload');

  const nonce = decodeField(payload['nonce'], 'encrypted_payload.nonce', {
    minimum: GCM_NONCE_BYTES,
    maximum: GCM_NONCE_BYTES,
  });
  if (!nonce.ok) return nonce;

  const tagLayout: TagLayout = payload['tag'] === undefined ? 'appended' : 'separate';
  const ciphertext = decodeField(payload['ciphertext'], 'encrypted_payload.ciphertext', {
    minimum: tagLayout === 'appended' ? GCM_TAG_BYTES + 1 : 1,
  });
  if (!ciphertext.ok) return ciphertext;
  if (tagLayout === 'appended') {
    return success({ sealed: ciphertext.value, nonce: nonce.value, tagLayout });
  }

  const tag = decodeField(payload['tag'], 'encrypted_payload.tag', {
    minimum: GCM_TAG_BYTES,
    maximum: GCM_TAG_BYTES,
  });
  if (!tag.ok) return tag;
  return success({
    sealed: concatBytes(ciphertext.value, tag.value),
    nonce: nonce.value,
    tagLayout,
  });
}

function decodeField(
  value: unknown,
  field: string,
  length: { readonly minimum: number; readonly maximum?: number },
): Result<Bytes> {
  if (value === undefined) return missing(field);
  const bytes = typeof value === 'string' ? decodeBase64(value) : undefined;
  if (!bytes || bytes.length < length.minimum) return invalid(field);
  return bytes.length > (length.maximum ?? Infinity) ? invalid(field) : success(bytes);
}

function isUnixSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function missing(field: string): Failure {
  return failure({ kind: 'field-missing', field });
}

function invalid(field: string): Failure {
  return failure({ kind: 'field-invalid', field });
}
