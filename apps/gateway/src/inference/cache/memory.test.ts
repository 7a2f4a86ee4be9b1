import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_TOKENS } from '../../customers/billing/index.ts';
import { Memory, type Entry } from './memory.ts';

const entryOf = (characters: number, organizationId = 'org_1'): Entry => ({
  organizationId,
  keyId: 'key_1',
  hostDigest: '',
  keptAtMs: 0,
  expiresAtMs: 0,
  answer: {
    modelId: 'a/m',
    text: 'x'.repeat(characters),
    usage: NO_TOKENS,
    usageSource: 'upstream',
  },
});

function openMemory(maxBytes: number): Memory {
  const memory = new Memory(maxBytes);
  memory.open();
  return memory;
}

describe('memory', () => {
  test('keeps nothing while nobody is heard who forgets', () => {
    const memory = new Memory(10_000);
    memory.set('a', entryOf(1));
    expect([memory.get('a'), memory.bytes]).toEqual([undefined, 0]);
    memory.open();
    memory.set('a', entryOf(1));
    memory.open();
    expect([memory.get('a'), memory.bytes]).toEqual([undefined, 0]);
  });

  test('never holds more than its bound, whatever is put in, replaced and forgotten', () => {
    const steps = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      characters: fc.nat({ max: 6_000 }),
      what: fc.constantFrom('set', 'get', 'delete', 'forget'),
    });
    fc.assert(
      fc.property(fc.array(steps), (history) => {
        const memory = openMemory(10_000);
        for (const { key, characters, what } of history) {
          if (what === 'set') memory.set(key, entryOf(characters, key));
          else if (what === 'get') memory.get(key);
          else if (what === 'delete') memory.delete(key);
          else memory.forget(key);
          expect(memory.bytes).toBeLessThanOrEqual(10_000);
          expect(memory.bytes).toBeGreaterThanOrEqual(0);
        }
        for (const key of ['a', 'b', 'c', 'd', 'e']) memory.delete(key);
        expect(memory.bytes).toBe(0);
      }),
    );
  });

  test('drops what was not used for the longest time', () => {
    const memory = openMemory(7_000);
    for (const key of ['a', 'b', 'c']) memory.set(key, entryOf(500));
    memory.get('a');
    memory.set('d', entryOf(500));
    expect(['a', 'b', 'c', 'd'].map((key) => memory.get(key) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});
