import type { Bytes } from '../bytes.ts';
import { GCM_TAG_BYTES, MAX_PLAINTEXT_BYTES, MAX_REQUEST_ENVELOPE_BYTES } from '../constants.ts';
import { failure, success } from '../problem.ts';
import type { Result } from '../problem.ts';
import { parseEnvelope, printEnvelope } from './envelope.ts';
import type { TagLayout } from './envelope.ts';
import { openPayload, sealPayload } from './hybrid.ts';
import type { PublicKey, Unwrap } from './rsa-key.ts';

/** A request as the server sees it after opening. */
export interface OpenedRequest {
  /** UTF-8 JSON. Not parsed here, so that the server decides how long it lives and wipes it. */
  readonly plaintext: Bytes;
  /** To be mirrored in the reply (SPEC §3.2). */
  readonly tagLayout: TagLayout;
}

/** Client: seals the UTF-8 JSON of a chat request to the server's key (SPEC §3). */
export async function sealRequest(
  plaintext: Uint8Array,
  serverKey: PublicKey,
  tagLayout: TagLayout = 'separate',
): Promise<Result<Bytes>> {
  if (plaintext.length === 0) return failure({ kind: 'plaintext-empty' });
  if (plaintext.length > MAX_PLAINTEXT_BYTES) return plaintextTooLarge(plaintext.length);
  return success(printEnvelope(await sealPayload(plaintext, serverKey, tagLayout)));
}

/** Server: opens a request; `unwrap` is its ring of private keys. */
export async function openRequest(
  envelope: Uint8Array,
  unwrap: Unwrap,
): Promise<Result<OpenedRequest>> {
  if (envelope.length > MAX_REQUEST_ENVELOPE_BYTES) {
    return failure({
      kind: 'envelope-too-large',
      bytes: envelope.length,
      maximum: MAX_REQUEST_ENVELOPE_BYTES,
    });
  }
  const parsed = parseEnvelope(envelope);
  if (!parsed.ok) return parsed;

  const { sealed, tagLayout } = parsed.value;
  const plaintextBytes = sealed.length - GCM_TAG_BYTES;
  if (plaintextBytes > MAX_PLAINTEXT_BYTES) return plaintextTooLarge(plaintextBytes);

  const plaintext = await openPayload(parsed.value, unwrap);
  return plaintext.ok ? success({ plaintext: plaintext.value, tagLayout }) : plaintext;
}

function plaintextTooLarge(bytes: number): Result<never> {
  return failure({ kind: 'plaintext-too-large', bytes, maximum: MAX_PLAINTEXT_BYTES });
}
