import { Refusal } from '../../platform/refusal.ts';
import type { Closure } from '../upstreams/index.ts';
import { callersFault, type Trouble } from './judge.ts';

/** For an upstream that did not say when it is back. */
const SOME_SECONDS = 5;

/** What the caller is told when no model answered. */
export function refusalFor(facts: {
  /** The last trouble; `undefined`: none could be asked. */
  readonly trouble: Trouble | undefined;
  /** Of the candidates that cannot be asked now. */
  readonly closures: readonly Closure[];
  /** Are all candidates asked with the organization's own keys? */
  readonly isOwnKeyLimited: boolean;
  readonly nowMs: number;
}): Refusal {
  const { trouble, closures, isOwnKeyLimited, nowMs } = facts;
  const limits = closures.filter(({ reason }) => reason === 'rate-limited');
  // Whatever the others do, the limited one will answer, and it is known when.
  if (limits.length > 0) return limited(secondsUntilFirst(limits, nowMs), isOwnKeyLimited);
  switch (trouble?.kind) {
    case undefined:
    case 'busy':
      return new Refusal('no_upstream_available', {
        retryAfterSeconds: secondsUntilFirst(closures, nowMs),
      });
    case 'rate-limited':
      return limited(1, isOwnKeyLimited);
    case 'context':
      return callersFault(trouble.message);
    case 'timeout':
      return new Refusal('upstream_timeout');
    case 'status':
    case 'unreachable':
    case 'garbage':
      return new Refusal('upstream_error', { internal: { trouble } });
  }
}

function limited(retryAfterSeconds: number, isOwnKey: boolean): Refusal {
  return new Refusal('rate_limit_exceeded', {
    message: isOwnKey
      ? 'The model provider is limiting your organization’s own key. Wait, then try again.'
      : 'The model provider is limiting requests. Wait, then try again.',
    retryAfterSeconds,
    facts: { limit_source: isOwnKey ? 'provider_key' : 'upstream' },
  });
}

function secondsUntilFirst(closures: readonly Closure[], nowMs: number): number {
  if (closures.length === 0) return SOME_SECONDS;
  const firstMs = Math.min(...closures.map(({ untilMs }) => untilMs));
  return Math.max(1, Math.ceil((firstMs - nowMs) / 1_000));
}
