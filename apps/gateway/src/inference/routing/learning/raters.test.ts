import { describe, expect, test } from 'vitest';
import { raterWeight, TEACHINGS } from './raters.ts';

const fresh = { ratingsByUser: 0, ratingsTodayByUser: 0, ratingsTodayByKey: 0, isAlone: false };

describe('raters', () => {
  test('a user’s first rating weighs one, the hundredth a tenth', () => {
    expect(raterWeight(fresh)).toBe(1);
    expect(raterWeight({ ...fresh, ratingsByUser: 99 })).toBeCloseTo(0.1, 10);
  });

  test('a thousand ratings of one user weigh less than sixty-three of different users', () => {
    const total = Array.from({ length: 1_000 }, (_, ratingsByUser) =>
      raterWeight({ ...fresh, ratingsByUser }),
    ).reduce((sum, weight) => sum + weight, 0);
    expect(total).toBeLessThan(63);
  });

  test('beyond a day’s share a user’s or key’s ratings weigh nothing', () => {
    expect(raterWeight({ ...fresh, ratingsTodayByUser: 100 })).toBe(0);
    expect(raterWeight({ ...fresh, ratingsTodayByKey: 500 })).toBe(0);
    expect(raterWeight({ ...fresh, ratingsTodayByUser: 99, ratingsTodayByKey: 499 })).toBe(1);
  });

  test('every rating of somebody who is alone here weighs one', () => {
    const busy = { ratingsByUser: 900, ratingsTodayByUser: 900, ratingsTodayByKey: 900 };
    expect(raterWeight({ ...busy, isAlone: true })).toBe(1);
    expect(raterWeight({ ...busy, isAlone: false })).toBe(0);
  });

  test('what people only do weighs less than a third of what they say', () => {
    expect(TEACHINGS.regenerated.weight).toBeLessThan(TEACHINGS['rated-bad'].weight / 3);
  });
});
