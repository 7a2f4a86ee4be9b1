import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateLimiter } from './rate-limiter.ts';

const START_MS = 1_700_000_000_000;
const WINDOW_MS = 60_000;

function limiterAt(startMs = START_MS, maxIds?: number) {
  const time = { nowMs: startMs };
  const limiter = createRateLimiter({
    clock: () => time.nowMs,
    windowMs: WINDOW_MS,
    ...(maxIds !== undefined && { maxIds }),
  });
  return { time, limiter };
}

describe('rate limiter', () => {
  test('the 61st request of a minute is refused, and waiting the told time is enough', () => {
    const { time, limiter } = limiterAt();
    for (let count = 1; count <= 60; count += 1) {
      expect(limiter.take('key', 60)).toMatchObject({ isAllowed: true, remaining: 60 - count });
    }
    const refused = limiter.take('key', 60);
    expect(refused).toMatchObject({ isAllowed: false, limit: 60, remaining: 0 });
    time.nowMs += refused.resetSeconds * 1000;
    expect(limiter.take('key', 60).isAllowed).toBe(true);
  });

  test('no window of a minute, wherever it begins, holds more than the limit', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 12 }), (gapsMs, limit) => {
        const { time, limiter } = limiterAt();
        const allowedAtMs: number[] = [];
        for (const gapMs of gapsMs) {
          time.nowMs += gapMs;
          if (limiter.take('key', limit).isAllowed) allowedAtMs.push(time.nowMs);
        }
        allowedAtMs.forEach((atMs, index) => {
          const nextOverMs = allowedAtMs[index + limit] ?? Infinity;
          expect(nextOverMs - atMs).toBeGreaterThanOrEqual(WINDOW_MS);
        });
      }),
    );
  });

  test('a refusal’s wait is never too short and never longer than the window and a second', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 20, maxLength: 100 });
    fc.assert(
      fc.property(gaps, (gapsMs) => {
        const { time, limiter } = limiterAt();
        for (const gapMs of gapsMs) {
          time.nowMs += gapMs;
          const verdict = limiter.take('key', 3);
          if (verdict.isAllowed) continue;
          expect(verdict.resetSeconds).toBeLessThanOrEqual(61);
          time.nowMs += verdict.resetSeconds * 1000;
          expect(limiter.look('key', 3).isAllowed).toBe(true);
        }
      }),
    );
  });

  test('looking counts nothing', () => {
    const { limiter } = limiterAt();
    for (let count = 0; count < 10; count += 1) limiter.look('address', 1);
    expect(limiter.take('address', 1).isAllowed).toBe(true);
    expect(limiter.look('address', 1).isAllowed).toBe(false);
  });

  test('ids do not share a count', () => {
    const { limiter } = limiterAt();
    limiter.take('a', 1);
    expect(limiter.take('a', 1).isAllowed).toBe(false);
    expect(limiter.take('b', 1).isAllowed).toBe(true);
  });

  test('beyond the bound only the longest unused id is forgotten', () => {
    const { limiter } = limiterAt(START_MS, 2);
    limiter.take('a', 2);
    limiter.take('b', 1);
    limiter.take('a', 2);
    limiter.take('c', 1);
    expect(limiter.look('a', 2).isAllowed).toBe(false);
    expect(limiter.look('c', 1).isAllowed).toBe(false);
    expect(limiter.look('b', 1).isAllowed).toBe(true);
  });

  test('a clock that is set back does not open the window', () => {
    const { time, limiter } = limiterAt();
    limiter.take('key', 1);
    time.nowMs -= 30_000;
    expect(limiter.take('key', 1).isAllowed).toBe(false);
  });
});
