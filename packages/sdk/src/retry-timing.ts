/** A server that asks for a longer pause than this is believed: the call fails instead of waiting. */
const LONGEST_WAIT_MS = 60_000;
const LONGEST_BACKOFF_MS = 8_000;
/** Up to this share is added, so that clients that failed together do not come back together. */
const JITTER = 0.25;

/** Whether sending again can help. The server's own word, `x-should-retry`, goes first. */
export function isRetryUseful(status: number, headers: Headers): boolean {
  const advice = headers.get('x-should-retry');
  if (advice === 'true') return true;
  if (advice === 'false') return false;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

export interface RetryMoment {
  /** How many retries went before: 0 for the first. */
  readonly retries: number;
  readonly firstDelayMs: number;
  /** Headers of the failed answer, if there was one. */
  readonly headers: Headers | undefined;
  /** From 0 inclusive to 1 exclusive. */
  readonly random: number;
  readonly nowMs: number;
}

/**
 * Milliseconds to wait before the next attempt: what `retry-after-ms` or `retry-after` says, else
 * exponential backoff with jitter. Undefined when the server asks for more than a minute.
 */
export function retryDelayMs(moment: RetryMoment): number | undefined {
  const asked = askedDelayMs(moment.headers, moment.nowMs);
  if (asked !== undefined) return asked <= LONGEST_WAIT_MS ? asked : undefined;
  const backoffMs = Math.min(moment.firstDelayMs * 2 ** moment.retries, LONGEST_BACKOFF_MS);
  return Math.round(backoffMs * (1 + JITTER * moment.random));
}

const DECIMAL = /^\d+(\.\d+)?$/;

function askedDelayMs(headers: Headers | undefined, nowMs: number): number | undefined {
  const milliseconds = headers?.get('retry-after-ms')?.trim();
  if (milliseconds && DECIMAL.test(milliseconds)) return Number(milliseconds);
  const after = headers?.get('retry-after')?.trim();
  if (!after) return undefined;
  if (DECIMAL.test(after)) return Number(after) * 1000;
  const atMs = Date.parse(after);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
