import { expect, test } from 'vitest';
import { AnswerMeans } from './answer-means.ts';

const silent = { modelId: 'a/one', outputTokens: 0, isEmpty: true };

test('what one organization brings about is nothing to the others', () => {
  const means = new AnswerMeans();
  const before = means.of('org_2').emptiness.of('a/one');
  for (let time = 0; time < 100; time += 1) means.note('org_1', silent);
  expect(means.of('org_1').emptiness.of('a/one')).toBeGreaterThan(0.5);
  expect(means.of('org_2').emptiness.of('a/one')).toBe(before);
  expect(means.of('org_1').outputTokens.of('a/one')).toBe(
    means.of('org_2').outputTokens.of('a/one'),
  );
});

test('of many organizations those that were told of the longest ago are forgotten', () => {
  const means = new AnswerMeans();
  for (let at = 0; at < 1_000; at += 1) {
    means.note('org_kept', silent);
    means.note(`org_${at}`, silent);
  }
  const seen = (id: string): boolean => means.of(id).emptiness.of('a/one') > 0;
  expect(['org_kept', 'org_999', 'org_0'].map(seen)).toEqual([true, true, false]);
});
