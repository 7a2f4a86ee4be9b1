import type { Bytes } from '../bytes.ts';
import { success } from '../problem.ts';
import type { Result } from '../problem.ts';
import { parseEnvelope, printEnvelope } from './envelope.ts';
import type { TagLayout } from './envelope.ts';
import { openPayload, sealPayload } from './hybrid.ts';
import type { PublicKey, Unwrap } from './rsa-key.ts';

export interface ResponseSealing {
  /** The layout of the request: no layout suits every published client (SPEC §3.2). */
  readonly tagLayout: TagLayout;
  /** Unix seconds. */
  readonly processedAt: number;
}

/** A reply as the client sees it after opening. */
export interface OpenedResponse {
  /** UTF-8 JSON of the completion. */
  readonly plaintext: Bytes;
  /** The server's claim, outside the encryption: anyone on the way can change it (SPEC §3.5). */
  readonly processedAt: number | undefined;
}

/** Server: seals the UTF-8 JSON of a completion to the client's key (SPEC §3.5). */
export async function sealResponse(
  plaintext: Uint8Array,
  clientKey: PublicKey,
  { tagLayout, processedAt }: ResponseSealing,
): Promise<Bytes> {
  const sealed = await sealPayload(plaintext, clientKey, tagLayout);
  return printEnvelope({ ...sealed, processedAt });
}

/** Client: opens a reply of either tag layout with its own private key. */
export async function openResponse(
  envelope: Uint8Array,
  unwrap: Unwrap,
): Promise<Result<OpenedResponse>> {
  const parsed = parseEnvelope(envelope);
  if (!parsed.ok) return parsed;
  const plaintext = await openPayload(parsed.value, unwrap);
  if (!plaintext.ok) return plaintext;
  return success({ plaintext: plaintext.value, processedAt: parsed.value.processedAt });
}
