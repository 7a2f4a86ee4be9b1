import { APIError, RequestAbortedError, SealgateError } from './errors.ts';
import { retryDelayMs } from './retry-timing.ts';
import type { Runtime } from './runtime.ts';

export interface RetryPolicy {
  /** Attempts after the first; 0 turns retries off. */
  readonly maxRetries: number;
  readonly firstDelayMs: number;
  readonly isRetried: (error: SealgateError) => boolean;
  readonly runtime: Runtime;
  readonly signal: AbortSignal | undefined;
}

/** Calls `attempt` until it succeeds, may not be repeated, or was repeated often enough. */
export async function withRetries<Value>(
  policy: RetryPolicy,
  attempt: (retries: number) => Promise<Value>,
): Promise<Value> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt(retries);
    } catch (error) {
      const waitMs = retries < policy.maxRetries ? waitAfter(error, retries, policy) : undefined;
      if (waitMs === undefined) throw error;
      await policy.runtime.delay(waitMs, policy.signal);
      throwIfAborted(policy.signal);
    }
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new RequestAbortedError('The caller aborted the request.', { cause: signal.reason });
  }
}

function waitAfter(error: unknown, retries: number, policy: RetryPolicy): number | undefined {
  if (!(error instanceof SealgateError) || !policy.isRetried(error)) return undefined;
  const { runtime, firstDelayMs } = policy;
  return retryDelayMs({
    retries,
    firstDelayMs,
    headers: error instanceof APIError ? error.headers : undefined,
    random: runtime.random(),
    nowMs: runtime.now(),
  });
}
