import type { RefusalCode } from '@sealgate/contract';
import {
  checkBinding,
  MAX_PAYLOAD_ID_CHARACTERS,
  openRequest,
  type Problem,
  type PublicKey,
  type SecurityTier,
  type TagLayout,
} from '@sealgate/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { ProtectedMemory } from '../../platform/memory/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { ClientKeys } from './client-keys.ts';
import type { KeyRing } from './key-ring.ts';
import { parsePlaintext, withoutOwnFields, type Fields } from './plaintext.ts';
import type { ReplayMemory } from './replay-memory.ts';
import type { ServerKey } from './server-key.ts';
import { agreeOnTier, permittedTrust, readTier, requireProtection, type Trust } from './tier.ts';

export interface SealedRequest {
  readonly headers: {
    readonly payloadId: string | undefined;
    /** As it came, percent-encoded. */
    readonly publicKey: string | undefined;
    readonly securityTier: string | undefined;
  };
  readonly body: Uint8Array;
}

/** An opened request, for the same gate that plain ones pass. */
export interface UnsealedRequest {
  readonly payloadId: string;
  readonly tier: SecurityTier;
  /** Which upstreams may see the content. */
  readonly trusts: ReadonlySet<Trust>;
  /** JSON without the fields that are ours; `stream` is false. */
  readonly bodyText: string;
  readonly body: Fields;
  readonly idempotencyKey: string | undefined;
  readonly reply: ReplyAddress;
}

export interface ReplyAddress {
  readonly clientKey: PublicKey;
  readonly tagLayout: TagLayout;
  readonly openedBy: ServerKey;
}

export interface UnsealContext {
  readonly clock: Clock;
  readonly keys: KeyRing;
  readonly memory: ProtectedMemory;
  readonly replays: ReplayMemory;
  readonly clientKeys: ClientKeys;
}

/** How far a bound request's clock may be off, and so how long its nonce is remembered. */
const MAX_AGE_SECONDS = 300;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** Opens a sealed request, or throws a refusal. All that fails before the plaintext is authentic fails alike. */
export async function unseal(ctx: UnsealContext, request: SealedRequest): Promise<UnsealedRequest> {
  const payloadId = readPayloadId(request.headers.payloadId);
  const headerTier = readTier(request.headers.securityTier, 'X-Security-Tier');
  // Before decrypting, so that no plaintext meant for locked memory exists outside it.
  if (headerTier) requireProtection(headerTier, ctx.memory);
  const clientKey = await ctx.clientKeys.read(request.headers.publicKey);

  const { fields, isLocked, reply } = await open(ctx, request.body);
  const tier = agreeOnTier(headerTier, readTier(fields['security_tier'], 'security_tier'));
  requireProtection(tier, ctx.memory);
  if (tier === 'maximum' && !isLocked) throw lockedMemoryFull();
  const idempotencyKey = await requireBinding(ctx, fields, clientKey);
  const body = withoutOwnFields(fields);
  return {
    payloadId,
    tier,
    trusts: permittedTrust(tier),
    bodyText: JSON.stringify(body),
    body,
    idempotencyKey,
    reply: { clientKey, ...reply },
  };
}

async function open(ctx: UnsealContext, envelope: Uint8Array) {
  const attempt = ctx.keys.beginUnwrap();
  const opened = await openRequest(envelope, attempt.unwrap);
  const { openedBy } = attempt;
  if (!opened.ok || !openedBy) {
    await attempt.exhaust();
    throw refusalOf(opened.ok ? { kind: 'key-not-unwrapped' } : opened.problem);
  }
  const { plaintext, tagLayout } = opened.value;
  const held = ctx.memory.hold(plaintext);
  try {
    const fields = parsePlaintext(held.bytes);
    return { fields, isLocked: held.isLocked, reply: { tagLayout, openedBy } };
  } finally {
    held.release();
  }
}

async function requireBinding(
  { clock, replays }: UnsealContext,
  fields: Fields,
  clientKey: PublicKey,
): Promise<string | undefined> {
  const checked = await checkBinding(fields, {
    clientSpkiDer: clientKey.spkiDer,
    nowSeconds: Math.floor(clock() / 1000),
    maxAgeSeconds: MAX_AGE_SECONDS,
    seen: replays.seen,
  });
  if (!checked.ok) throw refusalOf(checked.problem);
  return checked.value.idempotencyKey;
}

function readPayloadId(header: string | undefined): string {
  const isValid =
    header !== undefined && header.length <= MAX_PAYLOAD_ID_CHARACTERS && PRINTABLE.test(header);
  if (isValid) return header;
  throw new Refusal('invalid_request_error', {
    param: 'X-Payload-ID',
    message: `X-Payload-ID must be 1 to ${MAX_PAYLOAD_ID_CHARACTERS} printable characters.`,
  });
}

/** A state of the moment, unlike `memory_not_protected`. */
function lockedMemoryFull(): Refusal {
  const message = 'The locked memory of this server is full. Try again shortly.';
  return new Refusal('service_unavailable', { message, retryAfterSeconds: 1 });
}

/** Known from lengths alone, before any key is tried; or only after an authentic plaintext. The rest is one answer. */
const SPECIAL_ANSWERS: Partial<Record<Problem['kind'], readonly [RefusalCode, string?, string?]>> =
  {
    'envelope-too-large': ['payload_too_large'],
    'plaintext-too-large': ['payload_too_large'],
    'binding-replayed': ['replayed_request'],
    'binding-malformed': ['invalid_request_error', 'A field of the sealed request is malformed.'],
    'binding-stale': [
      'invalid_request_error',
      'The sealed request is too old, or the clock of the client is wrong.',
      'ts',
    ],
  };

function refusalOf(problem: Problem): Refusal {
  const [code, message, field] = SPECIAL_ANSWERS[problem.kind] ?? ['sealed_request_invalid'];
  const param = problem.kind === 'binding-malformed' ? problem.field : field;
  return new Refusal(code, { message, param, internal: { problem } });
}
