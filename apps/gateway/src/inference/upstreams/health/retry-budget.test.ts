import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RetryBudget } from './retry-budget.ts';

test('grants at most its share of the requests, a trickle, and what it began with', () => {
  const history = fc.array(
    fc.oneof(
      fc.constant('request' as const),
      fc.constant('again' as const),
      fc.integer({ min: 0, max: 5_000 }),
    ),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(history, fc.constantFrom(0, 20, 100), (steps, percent) => {
      const budget = new RetryBudget(percent);
      const startedAtMs = 1_000;
      let nowMs = startedAtMs;
      let requests = 0;
      let granted = 0;
      for (const one of steps) {
        if (typeof one === 'number') nowMs += one;
        else if (one === 'request') {
          requests += 1;
          budget.deposit();
        } else if (budget.withdraw(nowMs)) granted += 1;
      }
      const trickle = ((nowMs - startedAtMs) / 1_000) * 0.2;
      expect(granted).toBeLessThanOrEqual((requests * percent) / 100 + trickle + 10.001);
    }),
  );
});

test('of a hundred requests that all fail, some twenty are made again', () => {
  const budget = new RetryBudget(20);
  while (budget.withdraw(0));
  let granted = 0;
  for (let count = 0; count < 100; count += 1) {
    budget.deposit();
    if (budget.withdraw(0)) granted += 1;
  }
  expect(granted).toBe(20);
});

test('an upstream that is hardly used gets a second try now and then', () => {
  const budget = new RetryBudget(20);
  while (budget.withdraw(0));
  expect(budget.withdraw(4_999)).toBe(false);
  expect(budget.withdraw(5_001)).toBe(true);
});
