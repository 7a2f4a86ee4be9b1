import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choose, probabilitiesOf, type Candidate, type ChoiceRules } from './choose.ts';
import { utilityWeights } from './tier-weights.ts';

const rules: ChoiceRules = {
  weights: utilityWeights('auto', undefined),
  explore: true,
  conversationModel: undefined,
};

const candidate = (id: string, facts: Partial<Candidate> = {}): Candidate => ({
  id,
  quality: 0.5,
  usdPer1000: 1,
  latencyMs: 500,
  ratings: 0,
  ...facts,
});

const pools = fc
  .array(
    fc.record({
      quality: fc.double({ min: 0, max: 1, noNaN: true }),
      usdPer1000: fc.double({ min: 0, max: 50, noNaN: true }),
      latencyMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
      ratings: fc.nat(100_000),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((all) => all.map((facts, at) => ({ id: `m${at}`, ...facts })));
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const best = (id: string, quality = 0.9): Candidate => candidate(id, { quality });

describe('the choice', () => {
  test('probabilities sum to one, and exploration keeps between floor and cap', () => {
    fc.assert(
      fc.property(pools, (pool) => {
        const options = probabilitiesOf(pool, rules);
        const total = options.reduce((sum, { probability }) => sum + probability, 0);
        const top = Math.max(...options.map(({ probability }) => probability));
        expect(total).toBeCloseTo(1, 10);
        expect(top).toBeGreaterThanOrEqual(0.8 - 1e-9);
        for (const { probability } of options)
          expect(probability === 0 || probability >= 0.03 / 11 - 1e-9).toBe(true);
      }),
    );
  });

  test('the same random number makes the same choice, from the shortlist', () => {
    fc.assert(
      fc.property(pools, random, (pool, number) => {
        const choice = choose(pool, rules, number);
        expect(choice).toEqual(choose(pool, rules, number));
        expect(pool.map(({ id }) => id)).toContain(choice.chosen);
      }),
    );
  });

  test('is drawn with the probabilities that it logs', () => {
    const pool = [best('a'), candidate('b'), candidate('c', { quality: 0.8 })];
    const { options } = choose(pool, rules, 0);
    const draws = 10_000;
    for (const { id, probability } of options) {
      const hits = Array.from({ length: draws }, (_, at) => choose(pool, rules, at / draws));
      const share = hits.filter(({ chosen }) => chosen === id).length / draws;
      expect(share).toBeCloseTo(probability, 3);
    }
  });

  test('a model that falls further behind is tried less often', () => {
    const pool = [best('a'), candidate('b', { quality: 0.8 }), candidate('c', { quality: 0.2 })];
    const [, near, far] = probabilitiesOf(pool, rules);
    expect(near?.probability).toBeGreaterThan(far?.probability ?? 1);
  });

  test('exploration falls as ratings come in, from a fifth to three percent', () => {
    const explored = (ratings: number): number => {
      const pool = ['a', 'b', 'c', 'd'].map((id) => candidate(id, { ratings }));
      return 1 - (probabilitiesOf(pool, rules)[0]?.probability ?? 0);
    };
    expect(explored(0)).toBeCloseTo(0.2, 10);
    expect(explored(100)).toBeLessThan(0.15);
    expect(explored(100_000)).toBeCloseTo(0.03, 10);
  });

  test('without leave to explore the best is certain', () => {
    fc.assert(
      fc.property(pools, random, (pool, number) => {
        const { chosen, options } = choose(pool, { ...rules, explore: false }, number);
        const utility = Math.max(...options.map((option) => option.utility));
        expect(options.find(({ id }) => id === chosen)).toMatchObject({ utility, probability: 1 });
      }),
    );
  });

  test('a conversation stays on its model while that is in the shortlist', () => {
    const pool = [best('a'), candidate('b')];
    const staying = choose(pool, { ...rules, conversationModel: 'b' }, 0.5);
    expect(staying).toMatchObject({ chosen: 'b', reason: 'conversation' });
    expect(choose(pool, { ...rules, conversationModel: 'gone' }, 0)).toMatchObject({
      chosen: 'a',
      reason: 'best',
    });
  });

  test('a model too dear for the tier is never tried just to learn', () => {
    const pool = [candidate('cheap'), candidate('dear', { usdPer1000: 6 })];
    const share = (tier: 'fast' | 'auto'): number | undefined =>
      probabilitiesOf(pool, { ...rules, weights: utilityWeights(tier, undefined) })[1]?.probability;
    expect(share('fast')).toBe(0);
    expect(share('auto')).toBeGreaterThan(0);
  });

  test('says why', () => {
    const pool = [best('a'), candidate('b')];
    expect(choose([best('a')], rules, 0.5).reason).toBe('only-one');
    expect(choose(pool, rules, 0).reason).toBe('best');
    expect(choose(pool, rules, 0.9999)).toMatchObject({ chosen: 'b', reason: 'exploration' });
  });

  test.each([
    ['fast', undefined, 'quick'],
    ['auto', undefined, 'good'],
    ['balanced', 'quality', 'good'],
    ['auto', 'cheap', 'cheap'],
    ['auto', 'fast', 'quick'],
  ] as const)('tier %s with suffix %s prefers the %s model', (tier, preference, expected) => {
    const pool = [
      candidate('good', { quality: 0.95, usdPer1000: 6, latencyMs: 5_000 }),
      candidate('quick', { quality: 0.8, usdPer1000: 0.6, latencyMs: 200 }),
      candidate('cheap', { quality: 0.79, usdPer1000: 0.2, latencyMs: 4_000 }),
    ];
    const greedy = { ...rules, weights: utilityWeights(tier, preference), explore: false };
    expect(choose(pool, greedy, 0).chosen).toBe(expected);
  });
});
