import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutcomeWindow } from './outcome-window.ts';

const WINDOW_MS = 30_000;

test('what is younger than half of the window is counted, what is older than all of it is not', () => {
  const outcomes = fc.array(
    fc.record({ gapMs: fc.integer({ min: 0, max: 20_000 }), isFailure: fc.boolean() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(outcomes, fc.integer({ min: 0, max: 40_000 }), (history, lastGapMs) => {
      const recent = new OutcomeWindow(WINDOW_MS);
      let nowMs = 1_700_000_000_000;
      const failures: number[] = [];
      const all: number[] = [];
      for (const { gapMs, isFailure } of history) {
        nowMs += gapMs;
        recent.add(isFailure, nowMs);
        all.push(nowMs);
        if (isFailure) failures.push(nowMs);
      }
      nowMs += lastGapMs;
      const within = (times: readonly number[], ms: number): number =>
        times.filter((at) => nowMs - at < ms).length;
      for (const [count, times] of [
        [recent.countAt(nowMs), all],
        [recent.failureCountAt(nowMs), failures],
      ] as const) {
        expect(count).toBeGreaterThanOrEqual(within(times, WINDOW_MS / 2));
        expect(count).toBeLessThanOrEqual(within(times, WINDOW_MS));
      }
    }),
  );
});

test('the ratio of nothing is 0', () => {
  expect(new OutcomeWindow(WINDOW_MS).failureRatioAt(0)).toBe(0);
});
