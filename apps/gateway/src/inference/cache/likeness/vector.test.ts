import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantize, similarityOf } from './vector.ts';

const vectors = fc
  .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 })
  .map((values) => Float32Array.from(values))
  .filter((values) => values.some((value) => Math.abs(value) > 0.01));

function cosine(one: Float32Array, other: Float32Array): number {
  const dot = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}

test('a vector in whole numbers keeps its angles to within a hundredth', () => {
  fc.assert(
    fc.property(vectors, vectors, (one, other) => {
      const similarity = similarityOf(quantize(one), quantize(other));
      expect(Math.abs(similarity - cosine(one, other))).toBeLessThan(0.01);
    }),
  );
});

test('what cannot be compared is not alike', () => {
  expect(similarityOf(Int8Array.of(1, 2), Int8Array.of(1, 2, 3))).toBe(0);
  expect(similarityOf(Int8Array.of(0, 0), Int8Array.of(1, 2))).toBe(0);
  expect(quantize(Float32Array.of(0, 0))).toEqual(Int8Array.of(0, 0));
});
