import {
  BINDING_NONCE_BYTES,
  ENVELOPE_ALGORITHM,
  bindingOf,
  openResponse,
  sealRequest,
} from '@sealgate/protocol';
import type { Bytes, PublicKey } from '@sealgate/protocol';
import { SecurityError, isObject, parseObject } from '../errors.ts';
import type { SealedChatCompletion } from './answer.ts';
import type { Channel } from './channel.ts';
import type { ClientKeys } from './client-keys.ts';

/** Who seals for whom. */
export interface Parties {
  readonly keys: ClientKeys;
  readonly serverKey: PublicKey;
}

/** Binds a payload to the client's key and to this moment, and seals it under a fresh AES key. */
export async function sealPayload(
  channel: Channel,
  { keys, serverKey }: Parties,
  payload: Readonly<Record<string, unknown>>,
): Promise<Bytes> {
  const nonce = globalThis.crypto.getRandomValues(new Uint8Array(BINDING_NONCE_BYTES));
  const binding = await bindingOf(keys.spkiDer, channel.runtime.now() / 1000, nonce);
  const plaintext = new TextEncoder().encode(JSON.stringify({ ...payload, ...binding }));
  try {
    const sealed = await sealRequest(plaintext, serverKey);
    if (sealed.ok) return sealed.value;
    throw new RangeError('The request is larger than 10 MiB.', { cause: sealed.problem });
  } finally {
    if (channel.isWiping) plaintext.fill(0);
  }
}

/** Opens an answer and adds what this client knows about it. All failures look the same. */
export async function openAnswer(
  channel: Channel,
  keys: ClientKeys,
  { envelope, payloadId }: { readonly envelope: Uint8Array; readonly payloadId: string },
): Promise<SealedChatCompletion> {
  const opened = await openResponse(envelope, keys.unwrap);
  if (!opened.ok) throw unopened(opened.problem);
  const { plaintext, processedAt } = opened.value;
  const completion = parseObject(new TextDecoder().decode(plaintext));
  if (channel.isWiping) plaintext.fill(0);
  if (!completion) throw unopened({ kind: 'plaintext-not-json' });

  const metadata = completion['_metadata'];
  completion['_metadata'] = {
    ...(isObject(metadata) && metadata),
    payload_id: payloadId,
    processed_at: processedAt ?? null,
    is_encrypted: true,
    encryption_algorithm: ENVELOPE_ALGORITHM,
  };
  // The server's word for the rest: the protocol proves who could read it, not that it is well formed.
  return completion as unknown as SealedChatCompletion;
}

function unopened(cause: { readonly kind: string }): SecurityError {
  const message = 'The answer could not be opened: it is damaged, or was sealed to another key.';
  return new SecurityError(message, { cause });
}
