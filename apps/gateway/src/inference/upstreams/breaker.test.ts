import { expect, test } from 'vitest';
import { createBreaker } from './breaker.ts';

function scene() {
  const time = { now: 0 };
  const breaker = createBreaker({ clock: () => time.now, maxFailures: 3, coolDownMs: 1_000 });
  const fail = (times: number): void => {
    for (let count = 0; count < times; count += 1) breaker.failed('a');
  };
  return { time, breaker, fail };
}

test('a model that fails three times in a row is not asked until the cool-down is over, and then once', () => {
  const { time, breaker, fail } = scene();
  fail(2);
  expect(breaker.isAvailable('a')).toBe(true);
  fail(1);
  expect(breaker.isAvailable('a')).toBe(false);
  expect(breaker.isAvailable('b')).toBe(true);
  time.now = 1_000;
  expect(breaker.isAvailable('a')).toBe(true);
  expect(breaker.isAvailable('a')).toBe(false);
});

test('a success closes the circuit and forgets the failures', () => {
  const { time, breaker, fail } = scene();
  fail(3);
  time.now = 1_000;
  breaker.succeeded('a');
  fail(2);
  expect(breaker.isAvailable('a')).toBe(true);
});
