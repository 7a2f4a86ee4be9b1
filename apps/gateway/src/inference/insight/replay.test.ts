import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoggedDecision } from '../../customers/decisions/index.ts';
import { drawOf } from './draw.ts';
import { wilson, type Estimate } from './estimate.ts';
import { always, CURRENT } from './policy.ts';
import { Replay } from './replay.ts';
import { knownValue, replayed, simulate, testLogged, testOption, TRUE_VALUES } from './testing.ts';

const holds = ({ low, high }: Estimate, truth: number): boolean => low <= truth && truth <= high;

/** What one would count without thinking: how often the answers of a model were good. */
function naiveValue(log: readonly LoggedDecision[], model: string): Estimate {
  const own = log.filter(({ modelUsed, rating }) => modelUsed === model && rating !== undefined);
  return wilson(own.filter(({ rating }) => rating === 1).length / own.length, own.length);
}

describe('in a world where the truth is known', () => {
  const LOGS = 150;
  const logs = Array.from({ length: LOGS }, (_, seed) => simulate(seed * 7_919, 1_500));

  test.each(Object.entries(TRUE_VALUES))(
    'the intervals of %s hold it about as often as they say',
    (name, truth) => {
      const values = logs.map((log) => knownValue(replayed(log, name)));
      for (const kind of ['selfNormalised', 'doublyRobust'] as const) {
        const held = values.filter((value) => holds(value[kind], truth)).length;
        // 95 % of 150 are 142.5; four standard deviations below are 132.
        expect(held, kind).toBeGreaterThanOrEqual(132);
        // And they are no wider than they must be: the mean of 150 logs comes close to the truth.
        const mean = values.reduce((sum, value) => sum + value[kind].value / LOGS, 0);
        expect(Math.abs(mean - truth), kind).toBeLessThan(0.015);
      }
    },
  );

  test.each(['a', 'b'])('those of the win rate of %s do not: it is asked other things', (model) => {
    const truth = TRUE_VALUES[model === 'a' ? 'always:a' : 'always:b'];
    const held = logs.filter((log) => holds(naiveValue(log, model), truth)).length;
    expect(held).toBeLessThan(LOGS / 4);
  });

  test('more votes make them narrower', () => {
    const widths = [1_500, 6_000, 24_000].map((size) => {
      const { low, high } = knownValue(replayed(simulate(5, size), 'always:a')).doublyRobust;
      return high - low;
    });
    expect(widths[0]).toBeGreaterThan(1.5 * (widths[1] ?? 0));
    expect(widths[1]).toBeGreaterThan(1.5 * (widths[2] ?? 0));
  });
});

const anyShare = fc.double({ min: 0, max: 1, noNaN: true });

/** Drawn among two to four options that have all a chance. */
const anyDecision: fc.Arbitrary<LoggedDecision> = fc
  .record({
    options: fc.array(
      fc.record({
        quality: anyShare,
        usdPer1000: fc.double({ min: 0, max: 50, noNaN: true }),
        latencyMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
        utility: fc.double({ min: -5, max: 1, noNaN: true }),
        weight: fc.integer({ min: 1, max: 50 }),
      }),
      { minLength: 2, maxLength: 4 },
    ),
    at: fc.nat(),
    rating: fc.constantFrom(1 as const, -1 as const, undefined),
  })
  .map(({ options, at, rating }) => {
    const total = options.reduce((sum, { weight }) => sum + weight, 0);
    const models = options.map(({ weight, ...option }, index) =>
      testOption(`model-${index}`, { ...option, probability: weight / total }),
    );
    const chosen = models[at % models.length]?.model ?? '';
    return testLogged({ options: models, chosen, modelUsed: chosen, rating });
  });
const anyLog = fc.array(anyDecision, { minLength: 1, maxLength: 400 });
const anyPolicy = fc.constantFrom(
  'current',
  'best',
  'cheapest',
  'fastest',
  'random',
  'always:model-1',
  'always:model-3',
  'weights:lambda=0.5,mu=0',
);

describe('whatever the log', () => {
  test('values are shares within their intervals, and counts fit', () => {
    fc.assert(
      fc.property(anyLog, anyPolicy, (log, name) => {
        const report = replayed(log, name);
        for (const share of [report.applied, report.overlap, report.agreement]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1 + 1e-9);
        }
        expect(report.effectiveVotes).toBeLessThanOrEqual(report.votes + 1e-6);
        if (report.value.kind === 'unknown') return;
        for (const { value, low, high } of [
          report.value.selfNormalised,
          report.value.doublyRobust,
        ]) {
          expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true);
          expect(high).toBeGreaterThan(low);
        }
      }),
    );
  });

  test('the order of its lines does not matter', () => {
    fc.assert(
      fc.property(anyLog, anyPolicy, fc.integer(), (log, name, seed) => {
        const shuffled = log
          .map((decision, at) => ({ decision, key: (Math.imul(at + 1, 40_503) ^ seed) >>> 0 }))
          .toSorted((one, other) => one.key - other.key)
          .map(({ decision }) => decision);
        const [one, other] = [replayed(log, name), replayed(shuffled, name)];
        expect(other.value.kind).toBe(one.value.kind);
        expect(other.usdPer1000).toBeCloseTo(one.usdPer1000, 9);
        expect(other.effectiveVotes).toBeCloseTo(one.effectiveVotes, 6);
        if (one.value.kind !== 'known') return;
        for (const kind of ['selfNormalised', 'doublyRobust'] as const) {
          const [before, after] = [one, other].map((report) => knownValue(report)[kind]);
          expect(after?.value).toBeCloseTo(before?.value ?? 0, 9);
          expect(after?.low).toBeCloseTo(before?.low ?? 0, 9);
        }
      }),
    );
  });

  test('a model that was always chosen is worth its win rate, with the interval of it', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 50, maxLength: 300 }), (votes) => {
        const options = [
          testOption('a', { probability: 1 }),
          testOption('b', { probability: 0, quality: 0.2 }),
        ];
        const log = votes.map((isGood) => testLogged({ options, rating: isGood ? 1 : -1 }));
        const winRate = wilson(votes.filter(Boolean).length / votes.length, votes.length);
        const { selfNormalised, doublyRobust } = knownValue(replayed(log, 'always:a'));
        expect(selfNormalised.value).toBeCloseTo(winRate.value, 12);
        expect(selfNormalised.low).toBeCloseTo(winRate.low, 9);
        expect(selfNormalised.high).toBeCloseTo(winRate.high, 9);
        expect(doublyRobust.value).toBeCloseTo(winRate.value, 9);
      }),
    );
  });

  test('the router as it was is worth the mean of its votes, each of which counts once', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const report = replayed(log, 'current');
        const votes = log.flatMap(({ rating }) => rating ?? []);
        expect(report.votes).toBe(votes.length);
        expect(report.effectiveVotes).toBeCloseTo(votes.length, 6);
        if (report.value.kind !== 'known') return;
        const good = votes.filter((rating) => rating === 1).length;
        expect(report.value.selfNormalised.value).toBeCloseTo(good / votes.length, 9);
      }),
    );
  });

  test('a policy that begins late as a copy ends like one that was there from the beginning', () => {
    fc.assert(
      fc.property(anyLog, anyLog, (before, after) => {
        const without = before.filter(({ options }) => options.length < 4);
        const current = new Replay(CURRENT);
        for (const decision of without) current.note(drawOf(decision) ?? fail());
        const late = current.copyFor(always('model-3'));
        for (const decision of after) late.note(drawOf(decision) ?? fail());
        expect(late.report()).toEqual(replayed([...without, ...after], 'always:model-3'));
      }),
    );
  });
});

function fail(): never {
  throw new Error('nothing was drawn');
}

describe('a value is not claimed', () => {
  const logOf = (size: number, decision: Partial<LoggedDecision>): readonly LoggedDecision[] =>
    Array.from({ length: size }, () => testLogged(decision));

  test('from fewer than 50 votes', () => {
    expect(replayed(logOf(49, { rating: 1 }), 'always:a').value).toEqual({
      kind: 'unknown',
      reason: 'too-few-votes',
    });
    expect(replayed(logOf(50, { rating: 1 }), 'always:a').value.kind).toBe('known');
  });

  test('from votes that hardly ever fit the policy', () => {
    const log = [
      ...logOf(1_000, { rating: 1 }),
      ...logOf(29, { chosen: 'b', modelUsed: 'b', rating: 1 }),
    ];
    expect(replayed(log, 'always:b')).toMatchObject({
      votes: 1_029,
      effectiveVotes: 29,
      value: { kind: 'unknown', reason: 'too-few-effective-votes' },
    });
  });

  test('where what the policy would choose was hardly ever tried', () => {
    const options = [testOption('a', { probability: 1 }), testOption('b', { probability: 0 })];
    const log = [...logOf(101, { options, rating: 1 }), ...logOf(899, { rating: 1 })];
    expect(replayed(log, 'always:b')).toMatchObject({
      overlap: 0.899,
      value: { kind: 'unknown', reason: 'no-overlap' },
    });
    expect(replayed(log, 'always:a').value.kind).toBe('known');
  });

  test('from nothing', () => {
    expect(replayed([], 'best')).toEqual({
      policy: 'best',
      decisions: 0,
      applied: 0,
      overlap: 0,
      agreement: 0,
      votes: 0,
      effectiveVotes: 0,
      value: { kind: 'unknown', reason: 'too-few-votes' },
      usdPer1000: 0,
      latencyMs: 0,
      usdPerSolved: undefined,
    });
  });
});

test('votes that are all alike leave some doubt', () => {
  const log = Array.from({ length: 60 }, () => testLogged({ rating: 1 }));
  const { selfNormalised, doublyRobust } = knownValue(replayed(log, 'current'));
  for (const { value, low } of [selfNormalised, doublyRobust]) {
    expect(value).toBe(1);
    expect(low).toBeLessThan(0.97);
  }
});

test('tells what another policy would have cost, and for each solved task', () => {
  const options = [
    testOption('a', { quality: 0.5, usdPer1000: 4, latencyMs: 800, utility: 0.9 }),
    testOption('b', { quality: 0.4, usdPer1000: 1, latencyMs: 100, utility: 0.5 }),
  ];
  const log = Array.from({ length: 100 }, (_, at) =>
    testLogged({ options, rating: at % 2 === 0 ? 1 : -1 }),
  );
  const best = replayed(log, 'best');
  expect(best).toMatchObject({ usdPer1000: 4, latencyMs: 800, agreement: 1, applied: 1 });
  expect(best.usdPerSolved).toBeCloseTo(4 / 1_000 / 0.5, 12);
  expect(replayed(log, 'cheapest')).toMatchObject({ usdPer1000: 1, agreement: 0 });
  expect(replayed(log, 'fastest')).toMatchObject({ latencyMs: 100 });
  expect(replayed(log, 'random')).toMatchObject({ usdPer1000: 2.5, agreement: 0.5 });
  expect(replayed(log, 'weights:lambda=0,mu=0')).toMatchObject({ usdPer1000: 4 });
  expect(replayed(log, 'weights:lambda=1,mu=0')).toMatchObject({ usdPer1000: 1 });
  expect(replayed(log, 'weights:lambda=0,mu=1')).toMatchObject({ usdPer1000: 1 });
});

test('a model that was no option leaves the choice to the router', () => {
  const log = [
    ...Array.from({ length: 75 }, () => testLogged({ rating: 1 })),
    ...Array.from({ length: 25 }, () =>
      testLogged({ options: [testOption('a'), testOption('c')], rating: -1 }),
    ),
  ];
  const report = replayed(log, 'always:c');
  expect(report.applied).toBe(0.25);
  // 75 good votes that count once, and 25 bad ones that count for nothing: `a` was chosen there.
  expect(knownValue(report).selfNormalised.value).toBe(1);
});
