import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlab } from './slab.ts';

const region = () => new Uint8Array(64 * 4096);

test('slices in use never overlap, and everything given back can be taken again', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.nat(5))), (steps) => {
      const slab = createSlab(region());
      const inUse: Uint8Array[] = [];
      for (const [byteCount, victim] of steps) {
        const slice = slab.take(byteCount);
        if (slice) {
          expect(slice.length).toBe(byteCount);
          for (const other of inUse) expect(overlap(slice, other)).toBe(false);
          inUse.push(slice);
        }
        const [released] = inUse.splice(victim, 1);
        if (released) slab.giveBack(released);
      }
      for (const slice of inUse) slab.giveBack(slice);
      expect(slab.take(slab.byteCount)?.length).toBe(slab.byteCount);
    }),
  );
});

test('a full slab says so', () => {
  const slab = createSlab(region());
  expect(slab.take(slab.byteCount + 1)).toBeUndefined();
  slab.take(slab.byteCount);
  expect(slab.take(1)).toBeUndefined();
});

function overlap(one: Uint8Array, other: Uint8Array): boolean {
  return (
    one.byteOffset < other.byteOffset + other.length &&
    other.byteOffset < one.byteOffset + one.length
  );
}
