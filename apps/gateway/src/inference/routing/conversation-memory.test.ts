import { expect, test } from 'vitest';
import { ConversationMemory } from './conversation-memory.ts';

test('of more conversations than it can hold, the longest unused are forgotten', () => {
  const memory = new ConversationMemory(3);
  for (const talk of ['a', 'b', 'c']) memory.place(talk, `model of ${talk}`);
  expect(memory.modelOf('a')).toBe('model of a');
  memory.place('d', 'model of d');
  expect(memory.modelOf('b')).toBeUndefined();
  for (const talk of ['a', 'c', 'd']) expect(memory.modelOf(talk)).toBe(`model of ${talk}`);
});

test('a conversation that moves is remembered where it is', () => {
  const memory = new ConversationMemory(2);
  memory.place('a', 'one');
  memory.place('a', 'two');
  memory.place('b', 'one');
  expect([memory.modelOf('a'), memory.modelOf('b')]).toEqual(['two', 'one']);
});
