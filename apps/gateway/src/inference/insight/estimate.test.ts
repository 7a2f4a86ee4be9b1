import { expect, test } from 'vitest';
import { normal, wilson } from './estimate.ts';

// By the formula, worked out apart from this code.
test.each([
  [7, 10, 0.396778, 0.892209],
  [0, 10, 0, 0.277533],
  [10, 10, 0.722467, 1],
  [450, 1000, 0.419415, 0.480967],
])('%i good votes of %i', (good, votes, low, high) => {
  const estimate = wilson(good / votes, votes);
  expect(estimate.value).toBe(good / votes);
  expect(estimate.low).toBeCloseTo(low, 5);
  expect(estimate.high).toBeCloseTo(high, 5);
});

test('what lies beyond any possible reward is cut off', () => {
  expect(normal(1.02, 0.1)).toEqual({ value: 1, low: expect.closeTo(0.824, 3), high: 1 });
  expect(normal(-0.01, 0.1)).toMatchObject({ value: 0, low: 0 });
});
