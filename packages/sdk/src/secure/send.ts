import {
  PAYLOAD_ID_HEADER,
  PUBLIC_KEY_HEADER,
  SECURITY_TIERS,
  SECURITY_TIER_HEADER,
  encodePublicKeyHeader,
} from '@sealgate/protocol';
import type { SecurityTier } from '@sealgate/protocol';
import { APIError, APITimeoutError, SecurityError } from '../errors.ts';
import type { SealgateError } from '../errors.ts';
import { withRetries } from '../retry.ts';
import { newIdempotencyKey } from '../transport.ts';
import type { SealedChatCompletion } from './answer.ts';
import { fetchServerKey, postSealed } from './channel.ts';
import type { Channel } from './channel.ts';
import type { ClientKeys } from './client-keys.ts';
import { rememberOrigin } from './origin.ts';
import { openAnswer, sealPayload } from './sealing.ts';

export interface SealedCall {
  readonly payload: Readonly<Record<string, unknown>>;
  /** Of the first attempt; each further one gets its own. */
  readonly payloadId: string;
  readonly apiKey: string | undefined;
  readonly securityTier: SecurityTier | undefined;
  readonly signal: AbortSignal | undefined;
}

const FIRST_DELAY_MS = 1000;
const RETRIED_STATUSES = new Set<number | undefined>([429, 500, 502, 503, 504]);

/**
 * Sends a payload sealed and returns the opened answer. Each attempt is sealed anew; the
 * idempotency key inside tells the server that all of them are one wish.
 */
export function sendSealed(
  channel: Channel,
  keys: ClientKeys,
  call: SealedCall,
): Promise<SealedChatCompletion> {
  checkTier(call.securityTier);
  const payload = { idempotency_key: newIdempotencyKey(), ...call.payload };
  const { maxRetries, runtime } = channel;
  const { signal } = call;
  const policy = { maxRetries, firstDelayMs: FIRST_DELAY_MS, isRetried, runtime, signal };
  return withRetries(policy, (retries) => {
    const payloadId = retries === 0 ? call.payloadId : globalThis.crypto.randomUUID();
    channel.debug(`attempt ${retries + 1} of at most ${maxRetries + 1}`);
    return attemptOnce(channel, keys, { ...call, payload, payloadId });
  });
}

/** Checks at run time what the type says at compile time. */
export function checkTier(tier: string | undefined): void {
  if (tier !== undefined && !SECURITY_TIERS.some((known) => known === tier)) {
    throw new TypeError(`security_tier must be one of ${SECURITY_TIERS.join(', ')}.`);
  }
}

async function attemptOnce(
  channel: Channel,
  keys: ClientKeys,
  call: SealedCall,
): Promise<SealedChatCompletion> {
  const { payloadId, signal } = call;
  const { publicKey: serverKey } = await fetchServerKey(channel, signal);
  const envelope = await sealPayload(channel, { keys, serverKey }, call.payload);
  const sentAtMs = channel.runtime.now();
  const reply = await postSealed(channel, { envelope, headers: headersOf(keys, call) }, signal);
  const receivedAtMs = channel.runtime.now();

  const answer = await openAnswer(channel, keys, { envelope: reply, payloadId });
  refuseLowerTier(call.securityTier, answer._metadata.security_tier);
  const serverSpkiDer = serverKey.spkiDer;
  rememberOrigin(answer, { payloadId, serverSpkiDer, sentAtMs, receivedAtMs });
  return answer;
}

function headersOf(keys: ClientKeys, call: SealedCall): Record<string, string> {
  return {
    [PAYLOAD_ID_HEADER]: call.payloadId,
    [PUBLIC_KEY_HEADER]: encodePublicKeyHeader(keys.publicKeyPem),
    'content-type': 'application/octet-stream',
    ...(call.apiKey !== undefined && { authorization: `Bearer ${call.apiKey}` }),
    ...(call.securityTier !== undefined && { [SECURITY_TIER_HEADER]: call.securityTier }),
  };
}

// The tier travels in a header that anyone on the way can strike out.
function refuseLowerTier(asked: SecurityTier | undefined, got: SecurityTier | undefined): void {
  if (asked === undefined || got === undefined) return;
  if (SECURITY_TIERS.indexOf(got) < SECURITY_TIERS.indexOf(asked)) {
    throw new SecurityError(`Asked for the tier "${asked}", but answered on "${got}".`);
  }
}

/** A timeout is not tried again: the generation may simply take longer than the limit. */
function isRetried(error: SealgateError): boolean {
  if (error instanceof APITimeoutError || !error.isSafeToRetry) return false;
  if (!(error instanceof APIError)) return true;
  const isAsked = error.headers.get('x-should-retry') === 'true';
  return isAsked || RETRIED_STATUSES.has(error.statusCode);
}
