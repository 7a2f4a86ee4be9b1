import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rotation, type Weighted } from './rotation.ts';

const pool = fc.uniqueArray(
  fc.record({ name: fc.string(), weight: fc.integer({ min: 1, max: 9 }) }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 6 },
);

const sumOf = (members: readonly Weighted[]): number =>
  members.reduce((sum, { weight }) => sum + weight, 0);

describe('in each round', () => {
  test('everybody is chosen as often as their weight says', () => {
    fc.assert(
      fc.property(pool, fc.integer({ min: 1, max: 3 }), (members, rounds) => {
        const rotation = new Rotation();
        const counts = new Map<string, number>();
        for (let turn = 0; turn < rounds * sumOf(members); turn += 1) {
          const name = rotation.choose(members)?.name ?? '';
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        for (const { name, weight } of members) expect(counts.get(name)).toBe(rounds * weight);
      }),
    );
  });

  test('nobody gets everything at once: 3 and 1 give A A B A', () => {
    const rotation = new Rotation();
    const members = [
      { name: 'A', weight: 3 },
      { name: 'B', weight: 1 },
    ];
    expect(Array.from({ length: 8 }, () => rotation.choose(members)?.name).join('')).toBe(
      'AABAAABA',
    );
  });
});

test('whoever is away for a while gets no more than their share afterwards', () => {
  const rotation = new Rotation();
  const a = { name: 'A', weight: 1 };
  const b = { name: 'B', weight: 1 };
  for (let turn = 0; turn < 100; turn += 1) expect(rotation.choose([b])).toBe(b);
  const names = Array.from({ length: 10 }, () => rotation.choose([a, b])?.name);
  expect(names.filter((name) => name === 'A')).toHaveLength(5);
});

test('of nobody, nobody is chosen', () => {
  expect(new Rotation().choose([])).toBeUndefined();
});
