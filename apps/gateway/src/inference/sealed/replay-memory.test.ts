import { expect, test } from 'vitest';
import { Refusal } from '../../platform/refusal.ts';
import { createReplayMemory } from './replay-memory.ts';

test('a nonce is remembered through its last second, and forgotten after', () => {
  let nowMs = 0;
  const replays = createReplayMemory(() => nowMs);
  expect(replays.seen('a', 10)).toBe(false);
  nowMs = 10_000;
  expect(replays.seen('a', 10)).toBe(true);
  nowMs = 10_001;
  expect(replays.seen('a', 20)).toBe(false);
});

test('when full it refuses rather than forget, until nonces expire', () => {
  let nowMs = 0;
  const replays = createReplayMemory(() => nowMs, 2);
  replays.seen('a', 10);
  replays.seen('b', 10);
  expect(() => replays.seen('c', 10)).toThrow(Refusal);
  expect(replays.seen('a', 10)).toBe(true);
  nowMs = 10_001;
  expect(replays.seen('c', 20)).toBe(false);
});
