import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recognizeTask } from './tasks.ts';

const number = fc.integer({ min: 0, max: 99 });
const word = fc.stringMatching(/^[a-z]{3,8}$/);

describe('recognizeTask', () => {
  it('knows every question of the training and leaves its words alone', () => {
    const question = fc.oneof(
      fc.tuple(number, number).map(([a, b]) => `What is ${a} + ${b}?`),
      fc.tuple(number, number).map(([a, b]) => `What is ${Math.max(a, b)} - ${Math.min(a, b)}?`),
      fc.tuple(number, number).map(([a, b]) => `Which is larger, ${a} or ${b}?`),
      number.map((a) => `Write ${a + 1} in Roman numerals.`),
      word.map((w) => `Spell "${w}" backwards.`),
      word.map((w) => `Write "${w}" in capital letters.`),
      word.map((w) => `What is the last letter of "${w}"?`),
      word.map((w) => `Sort the letters of "${w}".`),
    );
    fc.assert(fc.property(question, (text) => recognizeTask(text)?.question === text));
  });

  it.each([
    ['what is 2+2', 'What is 2 + 2?'],
    ['  What is 07 + 8 ?\n', 'What is 7 + 8?'],
    ['spell planet backwards', 'Spell "planet" backwards.'],
    ["write 'small' in capital letters", 'Write "small" in capital letters.'],
  ])('puts %j into the words of the training', (text, question) => {
    expect(recognizeTask(text)?.question).toBe(question);
  });

  it.each([
    'Hello!',
    'What is 100 + 1?',
    'What is 3 - 8?',
    'Write 0 in Roman numerals.',
    'Write 101 in Roman numerals.',
    'Spell "Planet" backwards.',
    'Spell "ox" backwards.',
    'Spell "backwards-and-long" backwards.',
    'What is 1 + 1? And why?',
    '',
  ])('leaves %j to the introduction', (text) => {
    expect(recognizeTask(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        recognizeTask(text);
      }),
    );
  });
});
