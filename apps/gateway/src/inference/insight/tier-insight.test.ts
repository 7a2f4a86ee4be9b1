import { nanoUsd } from '@sealgate/contract';
import { expect, test } from 'vitest';
import type { LoggedDecision } from '../../customers/decisions/index.ts';
import { wilson } from './estimate.ts';
import { TierTally, type TierInsight } from './tier-insight.ts';
import { replayed, simulate, testLogged, testOption } from './testing.ts';

function tally(log: readonly LoggedDecision[]): TierInsight {
  const own = new TierTally('auto');
  for (const decision of log) own.note(decision);
  return own.report();
}

const times = (count: number, decision: LoggedDecision): readonly LoggedDecision[] =>
  Array.from({ length: count }, () => decision);

test('traffic and votes count for the model that answered, whoever was chosen and why', () => {
  const insight = tally([
    ...times(6, testLogged({ rating: 1 })),
    ...times(2, testLogged({ modelUsed: 'b', rating: -1 })),
    ...times(1, testLogged({ chosen: 'b', modelUsed: 'b', reason: 'conversation', rating: 1 })),
    ...times(1, testLogged({ chosen: 'b', modelUsed: 'b', signal: 'regenerated' })),
    ...times(5, testLogged({ modelUsed: undefined, rating: -1 })),
  ]);
  expect(insight).toMatchObject({
    decisions: 10,
    votes: 9,
    good: 7,
    winRate: wilson(7 / 9, 9),
    regenerated: 1,
    failed: 5,
    fallbacks: 2,
  });
  expect(insight.models).toMatchObject([
    { model: 'a', trafficShare: 0.6, decisions: 6, votes: 6, good: 6, regenerated: 0 },
    { model: 'b', trafficShare: 0.4, decisions: 4, votes: 3, good: 1, regenerated: 1 },
  ]);
  expect(insight.models[1]?.winRate).toEqual(wilson(1 / 3, 3));
});

test('what was expected is held against votes on the chosen model’s own answers', () => {
  const options = [testOption('a', { quality: 0.9 }), testOption('b', { quality: 0.2 })];
  const { models } = tally([
    testLogged({ options, rating: 1 }),
    testLogged({ options, rating: -1, modelUsed: 'b' }),
    testLogged({ options }),
  ]);
  expect(models).toMatchObject([
    { model: 'a', expectedWinRate: 0.9 },
    { model: 'b', expectedWinRate: undefined },
  ]);
});

test('a solved task costs what all answers with a vote cost, to the nearest nano-dollar', () => {
  const costNano = nanoUsd(10n);
  const { models, ...tier } = tally([
    ...times(3, testLogged({ rating: 1, costNano })),
    ...times(2, testLogged({ rating: -1, costNano })),
    ...times(7, testLogged({ costNano })),
    testLogged({ modelUsed: 'b', rating: -1, costNano }),
  ]);
  expect(tier).toMatchObject({ costNano: 130n, costPerSolvedNano: 20n });
  expect(models[0]).toMatchObject({ costNano: 120n, costPerSolvedNano: 17n });
  expect(models[1]).toMatchObject({ costNano: 10n, costPerSolvedNano: undefined });
});

test('exploring costs what the others are expected to be worse by, as often as they are drawn', () => {
  const options = [
    testOption('a', { utility: 0.8, usdPer1000: 1, probability: 0.9 }),
    testOption('b', { utility: 0.6, usdPer1000: 3, probability: 0.1 }),
  ];
  const { exploration } = tally([
    ...times(9, testLogged({ options })),
    testLogged({ options, chosen: 'b', modelUsed: 'b', reason: 'exploration' }),
    testLogged({ options, reason: 'conversation' }),
    testLogged({ options, rules: { perUsdPer1000: 0, perSecond: 0, explores: false } }),
  ]);
  expect(exploration).toEqual({
    decisions: 10,
    explored: 1,
    utilityLost: expect.closeTo(10 * 0.1 * 0.2, 12),
    extraUsd: expect.closeTo((10 * 0.1 * 2) / 1_000, 12),
  });
});

test('every model that was an option is judged for all traffic, also one that came late', () => {
  const log = [
    ...simulate(3, 1_000),
    ...times(
      40,
      testLogged({
        options: [testOption('a'), testOption('late')],
        chosen: 'late',
        modelUsed: 'late',
        rating: 1,
      }),
    ),
  ];
  const names = ['current', 'always:a', 'always:b', 'always:late'];
  expect(tally(log).policies).toEqual(names.map((name) => replayed(log, name)));
});
