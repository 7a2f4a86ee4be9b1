import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DriftWatch } from './drift-watch.ts';

/** Evenly spread verdicts, this share of them good. */
const votes = (count: number, goodShare: number): readonly number[] =>
  Array.from(
    { length: count },
    (_, at) => Math.floor((at + 1) * goodShare) - Math.floor(at * goodShare),
  );

function votesUntilAlarm(goodShare: number, predicted: number): number | undefined {
  const watch = new DriftWatch();
  const at = votes(2_000, goodShare).findIndex((label) =>
    watch.note({ predicted, label, weight: 1 }),
  );
  return at < 0 ? undefined : at + 1;
}

describe('a model’s votes', () => {
  test('that are what was expected never raise an alarm', () => {
    for (const share of [0.5, 0.7, 0.9, 1]) expect(votesUntilAlarm(share, share)).toBeUndefined();
  });

  test('that are far below what was expected do soon', () => {
    expect(votesUntilAlarm(0.5, 0.9)).toBeLessThan(50);
    expect(votesUntilAlarm(0, 0.9)).toBeLessThan(10);
  });

  test('of no weight never do', () => {
    const watch = new DriftWatch();
    for (let vote = 0; vote < 100; vote += 1)
      expect(watch.note({ predicted: 1, label: 0, weight: 0 })).toBe(false);
  });

  test('lead to the same alarms when the watch is stored in between', () => {
    const history = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1)));
    fc.assert(
      fc.property(history, (votes) => {
        let stored = new DriftWatch();
        const watch = new DriftWatch();
        for (const [predicted, label] of votes) {
          stored = new DriftWatch(stored.suspicion);
          const vote = { predicted, label, weight: 1 };
          expect(stored.note(vote)).toBe(watch.note(vote));
        }
      }),
    );
  });
});
