import { describe, expect, test } from 'vitest';
import { choose, type Candidate } from './choose.ts';
import { always, current, policyValue } from './off-policy.ts';
import { replay, rulesPolicy, type ReplayableDecision } from './replay.ts';
import { utilityWeights } from './tier-weights.ts';

/** A multiplicative congruential generator: the same log in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const TRUTH = { a: 0.8, b: 0.6 };
const rules = {
  weights: utilityWeights('auto', undefined),
  explore: true,
  conversationModel: undefined,
};

/** A log of the router's own choices, wrong in its predictions, with a third of the answers rated. */
function logOf(seed: number, size: number): readonly ReplayableDecision[] {
  const random = randomFrom(seed);
  const candidates: readonly Candidate[] = (['a', 'b'] as const).map((id) => ({
    id,
    quality: id === 'a' ? 0.7 : 0.65,
    usdPer1000: id === 'a' ? 2 : 1,
    latencyMs: 100,
    ratings: 0,
  }));
  return Array.from({ length: size }, () => {
    const { chosen, options } = choose(candidates, rules, random());
    const isGood = random() < TRUTH[chosen as 'a' | 'b'];
    return { options, chosen, rating: random() < 0.33 ? Number(isGood) : undefined };
  });
}

describe('off-policy estimates', () => {
  test.each(['a', 'b'] as const)('find the true value of always choosing %s', (id) => {
    const { selfNormalised, doublyRobust } = policyValue(logOf(7, 20_000), always(id));
    for (const estimate of [selfNormalised, doublyRobust]) {
      expect(estimate?.value).toBeCloseTo(TRUTH[id], 1);
      expect((estimate?.high ?? 0) - (estimate?.low ?? 0)).toBeLessThan(0.1);
    }
  });

  test('their intervals hold the truth about as often as they say', () => {
    const logs = Array.from({ length: 100 }, (_, seed) => logOf(seed * 7_919 + 1, 1_500));
    for (const kind of ['selfNormalised', 'doublyRobust'] as const) {
      const held = logs.filter((log) => {
        const estimate = policyValue(log, always('b'))[kind];
        return estimate !== undefined && estimate.low <= TRUTH.b && TRUTH.b <= estimate.high;
      });
      expect(held.length).toBeGreaterThanOrEqual(86);
    }
  });

  test('the policy that was in force is worth the mean of its ratings', () => {
    const log = logOf(3, 2_000);
    const ratings = log.flatMap(({ rating }) => rating ?? []);
    const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
    const value = policyValue(log, current);
    expect(value.selfNormalised?.value).toBeCloseTo(mean, 10);
    expect(value.effectiveRatings).toBeCloseTo(ratings.length, 6);
  });

  test('without a rating that fits the policy nothing is claimed', () => {
    const unrated = logOf(3, 50).map(({ options, chosen }) => ({
      options,
      chosen,
      rating: undefined,
    }));
    expect(policyValue(unrated, always('a'))).toEqual({
      selfNormalised: undefined,
      doublyRobust: undefined,
      rated: 0,
      effectiveRatings: 0,
    });
  });
});

describe('replay', () => {
  test('tells what another policy would have sent where, and what it would have cost', () => {
    const log = logOf(5, 1_000);
    const always2 = replay(log, always('b'));
    expect(always2.traffic.get('a')).toBe(0);
    expect(always2.traffic.get('b')).toBeCloseTo(1, 10);
    expect(always2.usdPer1000).toBeCloseTo(1, 10);
    expect(always2.latencyMs).toBeCloseTo(100, 8);
    const share = log.filter(({ chosen }) => chosen === 'b').length / log.length;
    expect(always2.agreement).toBeCloseTo(share, 10);
  });

  test('the rules of the log give the log’s own probabilities', () => {
    const log = logOf(5, 10);
    for (const decision of log) expect(rulesPolicy(rules)(decision)).toEqual(current(decision));
  });

  test('other rules choose otherwise', () => {
    const cheap = { ...rules, weights: utilityWeights('auto', 'cheap'), explore: false };
    expect(replay(logOf(5, 100), rulesPolicy(cheap)).traffic.get('b')).toBeCloseTo(1, 10);
  });
});
