import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../platform/refusal.ts';
import { createSealedLimits, DEFAULT_SEALED_LIMITS } from './sealed-limits.ts';

const CALM = { ...DEFAULT_SEALED_LIMITS, abusiveSeconds: Infinity };

function limitsWithClock(settings = DEFAULT_SEALED_LIMITS) {
  let nowMs = 0;
  const limits = createSealedLimits(() => nowMs, settings);
  const askAt = (atMs: number, key = 'key_a'): Refusal | undefined => {
    nowMs = atMs;
    try {
      limits.admit(key);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  };
  return { askAt };
}

/** Moments of requests, in order, some close together. */
const moments = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }).map((gaps) => {
  let atMs = 0;
  return gaps.map((gap) => (atMs += gap));
});

describe('the published limits', () => {
  test('two requests a second, evenly, are never refused', () => {
    const { askAt } = limitsWithClock();
    for (let count = 0; count < 1000; count += 1) expect(askAt(count * 500)).toBeUndefined();
  });

  test('four at once pass, the fifth waits, and the next burst passes ten seconds later', () => {
    const { askAt } = limitsWithClock();
    const burst = (atMs: number) => Array.from({ length: 5 }, () => askAt(atMs)?.code);
    const allowed = undefined;
    const limited = 'rate_limit_exceeded';
    expect(burst(0)).toEqual([allowed, allowed, allowed, allowed, limited]);
    expect(burst(5_000)).toEqual([allowed, allowed, limited, limited, limited]);
    expect(burst(10_000)).toEqual([allowed, allowed, allowed, allowed, limited]);
  });

  test('no second ever sees more than a burst, and bursts keep their distance', () => {
    fc.assert(
      fc.property(moments, (times) => {
        const { askAt } = limitsWithClock(CALM);
        const admitted = times.filter((atMs) => !askAt(atMs));
        const within = (fromMs: number) =>
          admitted.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1000).length;
        for (const atMs of admitted) expect(within(atMs)).toBeLessThanOrEqual(4);
        // Two per second and two more per burst window.
        const inWindow = (fromMs: number) =>
          admitted.filter((atMs) => atMs >= fromMs && atMs < fromMs + 10_000).length;
        for (const atMs of admitted) expect(inWindow(atMs)).toBeLessThanOrEqual(2 * 10 + 4);
      }),
    );
  });

  test('whoever waits as told is admitted', () => {
    fc.assert(
      fc.property(moments, (times) => {
        const { askAt } = limitsWithClock(CALM);
        let refusal: Refusal | undefined;
        let lastMs = 0;
        for (lastMs of times) refusal = askAt(lastMs);
        if (!refusal) return;
        const seconds = refusal.details.retryAfterSeconds ?? 0;
        expect(seconds).toBeGreaterThan(0);
        expect(askAt(lastMs + seconds * 1000)).toBeUndefined();
      }),
    );
  });

  test('keys do not share their limits', () => {
    const { askAt } = limitsWithClock();
    for (let count = 0; count < 5; count += 1) askAt(0, 'key_a');
    expect(askAt(0, 'key_a')?.code).toBe('rate_limit_exceeded');
    expect(askAt(0, 'key_b')).toBeUndefined();
  });
});

describe('the cool-down', () => {
  const settings = { ...DEFAULT_SEALED_LIMITS, abusiveSeconds: 3 };
  const flood = (askAt: (atMs: number) => unknown, atMs: number) => {
    for (let count = 0; count < 50; count += 1) askAt(atMs);
  };

  test('one flood, however large, is one refused second', () => {
    const { askAt } = limitsWithClock(settings);
    flood(askAt, 0);
    expect(askAt(900)?.code).toBe('rate_limit_exceeded');
  });

  test('repeated floods close the route for thirty minutes, and patience opens it', () => {
    const { askAt } = limitsWithClock(settings);
    flood(askAt, 0);
    flood(askAt, 2_000);
    flood(askAt, 4_000);
    expect(askAt(5_000)?.code).toBe('sealed_cool_down');
    expect(askAt(4_000 + 30 * 60_000 - 1)?.details.retryAfterSeconds).toBe(1);
    expect(askAt(4_000 + 30 * 60_000)).toBeUndefined();
  });

  test('floods far apart are forgiven', () => {
    const { askAt } = limitsWithClock(settings);
    for (let count = 0; count < 20; count += 1) {
      flood(askAt, count * 200_000);
      expect(askAt(count * 200_000 + 1)?.code).toBe('rate_limit_exceeded');
    }
  });
});
