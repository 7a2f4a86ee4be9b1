import { expect, test } from 'vitest';
import { RunningMeans } from './running-means.ts';

test('a mean starts where it is told, and what is seen outweighs that by and by', () => {
  const means = new RunningMeans({ start: 300, worth: 20, memory: 200 });
  expect(means.of('a')).toBe(300);
  means.note('a', 300 + 21);
  expect(means.of('a')).toBe(301);
  for (let count = 0; count < 2_000; count += 1) means.note('a', 10);
  expect(means.of('a')).toBeCloseTo(10, 1);
  expect(means.of('b')).toBe(300);
});

test('what is long ago is forgotten', () => {
  const means = new RunningMeans({ start: 0, worth: 0, memory: 100 });
  for (let count = 0; count < 10_000; count += 1) means.note('a', 1);
  for (let count = 0; count < 100; count += 1) means.note('a', 0);
  expect(means.of('a')).toBeLessThan(0.4);
});

test('of many ids the one that was told of the longest ago is forgotten', () => {
  const means = new RunningMeans({ start: 0, worth: 0, memory: 100 }, 2);
  for (const id of ['a', 'b', 'a', 'c']) means.note(id, 1);
  expect(['a', 'b', 'c'].map((id) => means.of(id))).toEqual([1, 0, 1]);
});
