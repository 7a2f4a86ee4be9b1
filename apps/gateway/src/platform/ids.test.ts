import { expect, test } from 'vitest';
import { newId } from './ids.ts';

test('ids are unique, carry their kind and sort by their time', () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => newId('key', 1_800_000_000_000 + index));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^key_[0-9a-z]{25}$/);
});

test('every character of the alphabet turns up at every place', () => {
  const ids = Array.from({ length: 3_000 }, () => newId('trace', 0).slice(-16));
  for (let place = 0; place < 16; place += 1) {
    expect(new Set(ids.map((id) => id[place])).size).toBe(36);
  }
});
