import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextTryAt } from './index.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** When a message that never gets through is tried, from its beginning; each try is late by up to a minute. */
function triesOf(random: () => number, lateness: () => number): number[] {
  const tries: number[] = [];
  for (let nowMs: number | undefined = 0; nowMs !== undefined;) {
    tries.push(nowMs);
    const next = nextTryAt({ createdAtMs: 0, attempts: tries.length, nowMs, random });
    nowMs = next === undefined ? undefined : next + Math.floor(lateness() * MINUTE_MS);
  }
  return tries;
}

test('without chance, the pauses double from a minute to four hours, and the last try is after a day', () => {
  const tries = triesOf(
    () => 0.5,
    () => 0,
  );
  const pauses = tries.slice(1).map((at, index) => (at - (tries[index] ?? 0)) / MINUTE_MS);
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240, 225]);
  expect(tries.at(-1)).toBe(DAY_MS);
});

test('whatever chance and lateness do, tries go on for a day, they are few, and each pause is about as long as planned', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.infiniteStream(unit), fc.infiniteStream(unit), (chances, latenesses) => {
      const tries = triesOf(
        () => chances.next().value,
        () => latenesses.next().value,
      );
      const last = tries.at(-1) ?? 0;
      expect(last).toBeGreaterThanOrEqual(DAY_MS);
      expect(last).toBeLessThan(DAY_MS + MINUTE_MS);
      expect(tries.length).toBeGreaterThan(11);
      expect(tries.length).toBeLessThan(20);
      const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
      for (const [index, pause] of pauses.slice(0, -1).entries()) {
        const plain = Math.min(2 ** index, 240) * MINUTE_MS;
        expect(pause).toBeGreaterThanOrEqual(plain * 0.75);
        expect(pause).toBeLessThanOrEqual(plain * 1.25 + MINUTE_MS);
      }
    }),
  );
});
