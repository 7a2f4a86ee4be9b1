import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatencySketch } from './latency-sketch.ts';

const NOW_MS = 1_700_000_000_000;
const TOO_HIGH_BY = 2 ** (1 / 8);

const durations = fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 400 });

describe('a quantile', () => {
  test('is never too low and at most 9 % too high', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95), (samples, quantile) => {
        const sketch = new LatencySketch();
        for (const sample of samples) sketch.add(sample, NOW_MS);
        const ranked = samples.toSorted((one, other) => one - other);
        const exact = ranked[Math.ceil(quantile * samples.length) - 1] ?? 0;
        const found = sketch.quantileAt(quantile, NOW_MS) ?? 0;
        expect(found).toBeGreaterThanOrEqual(exact * 0.999);
        expect(found).toBeLessThanOrEqual(exact * TOO_HIGH_BY * 1.001);
      }),
    );
  });

  test('of nothing is nothing', () => {
    expect(new LatencySketch().quantileAt(0.5, NOW_MS)).toBeUndefined();
  });

  test('takes what lasts longer than the last bucket for that bucket, and what took no time for the first', () => {
    const sketch = new LatencySketch();
    sketch.add(1e12, NOW_MS);
    expect(sketch.quantileAt(0.5, NOW_MS)).toBe(2 ** 20);
    for (let count = 0; count < 9; count += 1) sketch.add(0, NOW_MS);
    expect(sketch.quantileAt(0.5, NOW_MS)).toBe(1);
  });
});

describe('the past fades:', () => {
  test('after some hundred answers the quantile is that of the new ones', () => {
    const sketch = new LatencySketch();
    for (let count = 0; count < 10_000; count += 1) sketch.add(100, NOW_MS);
    for (let count = 0; count < 1_000; count += 1) sketch.add(1_000, NOW_MS);
    expect(sketch.quantileAt(0.5, NOW_MS)).toBeGreaterThanOrEqual(1_000);
  });

  test('an hour later little is left of it, so that it is not believed any more', () => {
    const sketch = new LatencySketch();
    for (let count = 0; count < 400; count += 1) sketch.add(100, NOW_MS);
    expect(sketch.weightAt(NOW_MS)).toBe(400);
    expect(sketch.weightAt(NOW_MS + 3_600_000)).toBeLessThan(10);
  });

  test('its weight stays bounded', () => {
    const sketch = new LatencySketch();
    let mostWeight = 0;
    for (let count = 0; count < 20_000; count += 1) {
      sketch.add(100, NOW_MS);
      mostWeight = Math.max(mostWeight, sketch.weightAt(NOW_MS));
    }
    expect(mostWeight).toBeLessThanOrEqual(1_001);
  });
});
