import type { ApiKey, KeyVerdict, KeyVerifier } from '../customers/keys/index.ts';
import type { RateLimiter, RateVerdict } from '../platform/limits/index.ts';
import { Refusal } from '../platform/refusal.ts';

export interface KeyGate {
  readonly keys: KeyVerifier;
  /** Requests per key and minute. */
  readonly requests: RateLimiter;
  /** Failed credentials per address and minute. */
  readonly failures: RateLimiter;
}

export interface Caller {
  readonly authorization: string | undefined;
  readonly address: string;
}

const MAX_FAILURES_PER_MINUTE = 30;
const BEARER = /^Bearer +(\S+)$/i;

export const bearerOf = (authorization: string | undefined): string =>
  BEARER.exec(authorization ?? '')?.[1] ?? '';

/**
 * Tells whose key it is. Throws 401 with one sentence for every key that is not known, 403 for one that is not used from where
 * it may be, and 429 for an address that keeps guessing.
 */
export async function authenticateKey(gate: KeyGate, caller: Caller): Promise<ApiKey> {
  const secret = bearerOf(caller.authorization);
  const cached = gate.keys.verifyCached(secret);
  if (cached?.kind === 'valid') return usedFrom(caller.address, cached.key);
  refuseGuesser(gate, caller.address);
  const verdict = cached ?? (await gate.keys.verify(secret));
  if (verdict.kind === 'valid') return usedFrom(caller.address, verdict.key);
  countFailure(gate, caller.address);
  throw new Refusal(REFUSED[verdict.kind]);
}

/** Before the rate limit: who has a stolen key must not use up its owner's minute. */
function usedFrom(address: string, key: ApiKey): ApiKey {
  if (key.allowedAddresses?.has(address) ?? true) return key;
  throw new Refusal('ip_not_allowed', { internal: { keyId: key.id } });
}

const REFUSED = {
  unknown: 'invalid_api_key',
  revoked: 'key_revoked',
  expired: 'key_expired',
} as const satisfies Record<Exclude<KeyVerdict['kind'], 'valid'>, string>;

/** Throws 429 when it was one too many: guesses that come at once have all passed `refuseGuesser`. */
export function countFailure(gate: KeyGate, address: string): void {
  refuseFurther(gate.failures.take(address, MAX_FAILURES_PER_MINUTE));
}

/** Throws 429 when too many credentials from this address were wrong. */
export function refuseGuesser(gate: KeyGate, address: string): void {
  refuseFurther(gate.failures.look(address, MAX_FAILURES_PER_MINUTE));
}

function refuseFurther(verdict: RateVerdict): void {
  if (verdict.isAllowed) return;
  throw new Refusal('rate_limit_exceeded', {
    message: 'Too many invalid credentials from your address. Wait, then try again.',
    retryAfterSeconds: verdict.resetSeconds,
    facts: { limit_source: 'address', limit: verdict.limit },
  });
}

/** Throws 429 when the key's minute is used up. */
export function refuseExcess(verdict: RateVerdict): void {
  if (verdict.isAllowed) return;
  throw new Refusal('rate_limit_exceeded', {
    message: `This key may send ${verdict.limit} requests a minute. Wait ${verdict.resetSeconds} s, then try again.`,
    retryAfterSeconds: verdict.resetSeconds,
    facts: { limit_source: 'key', limit: verdict.limit },
  });
}

export const rateLimitHeaders = (verdict: RateVerdict): Record<string, string> => ({
  'x-ratelimit-limit': String(verdict.limit),
  'x-ratelimit-remaining': String(verdict.remaining),
  'x-ratelimit-reset': String(verdict.resetSeconds),
});
