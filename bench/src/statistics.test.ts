import { expect, it } from 'vitest';
import { quantilesOf, summaryOf } from './statistics.ts';

it('summaryOf takes the middle of an odd and the mean of the two middles of an even number of runs', () => {
  expect(summaryOf([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
  expect(summaryOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
});

it('quantilesOf sorts numbers as numbers', () => {
  const samples = Array.from({ length: 1000 }, (_, index) => 999 - index);
  expect(quantilesOf(samples)).toEqual({ p50: 500, p99: 990, max: 999 });
});
