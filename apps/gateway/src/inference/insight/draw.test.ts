import { expect, test } from 'vitest';
import { drawOf } from './draw.ts';
import { testLogged, testOption } from './testing.ts';

test.each([
  [
    'the caller wants no experiments',
    { rules: { perUsdPer1000: 0, perSecond: 0, explores: false } },
  ],
  ['the conversation stays on its model', { reason: 'conversation' }],
  ['only one model could serve', { reason: 'only-one', options: [testOption('a')] }],
  ['the log does not know the chosen model', { chosen: 'z' }],
] as const)('nothing was drawn where %s', (_, changes) => {
  expect(drawOf(testLogged({ rating: 1, ...changes }))).toBeUndefined();
});

test.each([
  [1, 1],
  [-1, 0],
  [undefined, undefined],
] as const)('a vote of %s is a reward of %s', (rating, reward) => {
  expect(drawOf(testLogged({ rating }))?.reward).toBe(reward);
});

test.each(['b', undefined])(
  'a vote on what %s answered says nothing about the choice',
  (modelUsed) => {
    expect(drawOf(testLogged({ rating: 1, modelUsed }))).toMatchObject({
      chosen: { model: 'a' },
      reward: undefined,
    });
  },
);

test('the best option is the first of those with the highest utility', () => {
  const options = [
    testOption('a', { utility: 0.1 }),
    testOption('b', { utility: 0.8 }),
    testOption('c', { utility: 0.8 }),
  ];
  expect(drawOf(testLogged({ options, reason: 'exploration' }))?.best.model).toBe('b');
});
