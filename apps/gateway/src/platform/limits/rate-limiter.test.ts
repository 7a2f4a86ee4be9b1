import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateLimiter } from './rate-limiter.ts';

test('exactly the limit is allowed in a window, and again in the next one', () => {
  const time = { now: 5_000 };
  const limiter = createRateLimiter({ clock: () => time.now, windowMs: 60_000 });
  const verdicts = [1, 2, 3].map(() => limiter.take('a', 2));
  expect(verdicts.map(({ isAllowed, remaining }) => [isAllowed, remaining])).toEqual([
    [true, 1],
    [true, 0],
    [false, 0],
  ]);
  expect(limiter.take('b', 2).isAllowed).toBe(true);
  time.now += 59_001;
  expect(limiter.take('a', 2)).toMatchObject({ isAllowed: false, resetSeconds: 1 });
  time.now += 999;
  expect(limiter.take('a', 2)).toMatchObject({ isAllowed: true, remaining: 1, resetSeconds: 60 });
});

test('looking does not count', () => {
  const limiter = createRateLimiter({ clock: () => 0, windowMs: 1_000 });
  for (let count = 0; count < 5; count += 1) expect(limiter.look('a', 1).isAllowed).toBe(true);
  limiter.take('a', 1);
  expect(limiter.look('a', 1).isAllowed).toBe(false);
});

test('no history lets more than the limit through in one window', () => {
  const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), waitMs: fc.nat(400) });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.integer({ min: 1, max: 5 }),
      (steps, limit) => {
        const time = { now: 0 };
        const limiter = createRateLimiter({ clock: () => time.now, windowMs: 1_000 });
        const allowedAt = new Map<string, number[]>();
        for (const { name, waitMs } of steps) {
          time.now += waitMs;
          const { isAllowed, resetSeconds } = limiter.take(name, limit);
          expect(resetSeconds).toBeGreaterThanOrEqual(1);
          const times = allowedAt.get(name) ?? [];
          if (isAllowed) allowedAt.set(name, [...times, time.now]);
        }
        for (const times of allowedAt.values()) {
          for (const [index, first] of times.entries()) {
            const next = times[index + 2 * limit];
            if (next !== undefined) expect(next - first).toBeGreaterThanOrEqual(1_000);
          }
        }
      },
    ),
  );
});

test('many names do not grow the memory without bound', () => {
  const limiter = createRateLimiter({ clock: () => 0, windowMs: 1_000, maxNames: 10 });
  limiter.take('first', 1);
  for (let name = 0; name < 10; name += 1) limiter.take(String(name), 1);
  expect(limiter.take('first', 1).isAllowed).toBe(true);
  expect(limiter.take('9', 1).isAllowed).toBe(false);
});
