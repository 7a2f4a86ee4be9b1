import { expect, test } from 'vitest';
import { costQualityHull, hullQuality } from './hull.ts';
import { pairMetrics } from './pair-metrics.ts';

const features = { indexes: new Uint16Array(), values: new Float32Array() };
const promptsOf = (needs: readonly number[]): Parameters<typeof pairMetrics>[0] =>
  needs.map((need, at) => ({ need, weak: at % 4 === 0 ? 0 : 1, strong: 1 }));

const hundred = Array.from({ length: 100 }, (_, at) => at);

test('an order that calls the strong model where it is needed recovers the gap at once', () => {
  const { apgr, cpt50, cpt80 } = pairMetrics(
    promptsOf(hundred.map((at) => (at % 4 === 0 ? 1 : 0))),
  );
  expect(apgr).toBeCloseTo(0.875, 10);
  expect(cpt50).toBe(13);
  expect(cpt80).toBe(20);
});

test('an order that knows nothing recovers half on average', () => {
  const { apgr, cpt50 } = pairMetrics(promptsOf(hundred));
  expect(apgr).toBeCloseTo(0.5, 1);
  expect(cpt50).toBeCloseTo(50, -1);
});

test('the hull leaves out models that a mixture of others beats at their price', () => {
  const row = {
    group: '',
    split: undefined,
    features,
    chars: 0,
    quality: [0.5, 0.55, 0.9, 0.8],
    usdPer1000: [1, 2, 3, 4],
  };
  const hull = costQualityHull({ name: '', models: ['a', 'b', 'c', 'd'], rows: [row] });
  expect(hull.map(({ model }) => model)).toEqual(['a', 'c']);
  expect(hullQuality(hull, 2)).toBeCloseTo(0.7, 10);
  expect(hullQuality(hull, 9)).toBe(0.9);
});
