import type { Clock } from '../clock.ts';

export interface RateVerdict {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the window ends, at least 1. */
  readonly resetSeconds: number;
}

/** Counts events per name in windows that start with the first event. In this process only. */
export interface RateLimiter {
  /** Counts one event, unless the limit is reached. */
  take(name: string, limit: number): RateVerdict;
  /** The same verdict without counting. */
  look(name: string, limit: number): RateVerdict;
}

interface Window {
  count: number;
  readonly endsAtMs: number;
}

const MAX_NAMES = 100_000;

/** Memory is bounded: ended windows are swept away, and beyond 100,000 names the oldest are forgotten. */
export function createRateLimiter(options: {
  readonly clock: Clock;
  readonly windowMs: number;
  readonly maxNames?: number;
}): RateLimiter {
  const { clock, windowMs, maxNames = MAX_NAMES } = options;
  /** In the order in which the windows end. */
  const windows = new Map<string, Window>();

  const current = (name: string, nowMs: number): Window | undefined => {
    const window = windows.get(name);
    return window && window.endsAtMs > nowMs ? window : undefined;
  };
  const open = (name: string, nowMs: number): Window => {
    for (const [oldest, { endsAtMs }] of windows) {
      if (endsAtMs > nowMs && windows.size < maxNames) break;
      windows.delete(oldest);
    }
    const window = { count: 0, endsAtMs: nowMs + windowMs };
    windows.delete(name);
    windows.set(name, window);
    return window;
  };
  const verdict = (limit: number, count: number, endsAtMs: number, nowMs: number): RateVerdict => ({
    isAllowed: count <= limit,
    limit,
    remaining: Math.max(0, limit - count),
    resetSeconds: Math.max(1, Math.ceil((endsAtMs - nowMs) / 1_000)),
  });

  return {
    take(name, limit) {
      const nowMs = clock();
      const window = current(name, nowMs) ?? open(name, nowMs);
      if (window.count >= limit) return verdict(limit, limit + 1, window.endsAtMs, nowMs);
      window.count += 1;
      return verdict(limit, window.count, window.endsAtMs, nowMs);
    },
    look(name, limit) {
      const nowMs = clock();
      const window = current(name, nowMs);
      if (!window) return verdict(limit, 0, nowMs + windowMs, nowMs);
      const isFull = window.count >= limit;
      return verdict(limit, isFull ? limit + 1 : window.count, window.endsAtMs, nowMs);
    },
  };
}
