import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DENSE_SLOTS, DIMENSIONS, readFeatures, type Features } from './features.ts';
import { FIRST_FLAG } from './shape.ts';
import { promptOf } from './testing-prompts.ts';

const read = (text: string): Features => readFeatures(promptOf(text));

const grams = ({ indexes, values }: Features): Map<number, number> =>
  new Map(
    [...indexes]
      .map((index, at): [number, number] => [index, values[at] ?? 0])
      .filter(([index]) => index >= DENSE_SLOTS),
  );

const taskClass = ({ indexes }: Features): readonly number[] =>
  [...indexes].filter((index) => index >= FIRST_FLAG + 2 && index < DENSE_SLOTS);

describe('the features of a prompt', () => {
  test('any text and any facts give finite numbers at distinct, known places', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6_000 }),
      fc.string({ unit: 'grapheme' }),
    );
    const facts = fc.record({
      text,
      hasTools: fc.boolean(),
      hasImages: fc.boolean(),
      systemChars: fc.nat(),
      turn: fc.nat(),
      maxTokens: fc.option(fc.nat(), { nil: undefined }),
    });
    fc.assert(
      fc.property(facts, (prompt) => {
        const { indexes, values } = readFeatures(prompt);
        expect(new Set(indexes).size).toBe(indexes.length);
        expect(values).toHaveLength(indexes.length);
        expect(values.every((value) => Number.isFinite(value))).toBe(true);
        expect(indexes.every((index) => index < DIMENSIONS)).toBe(true);
      }),
    );
  });

  test('reading one prompt leaves no trace in the next', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        const alone = read(second);
        read(first);
        expect(read(second)).toEqual(alone);
      }),
    );
  });

  test('the n-grams of a text that has words are of unit length', () => {
    const lengthOf = (text: string): number => Math.hypot(...grams(read(text)).values());
    expect(lengthOf('tell me about whales and about whales')).toBeCloseTo(1, 5);
    expect(lengthOf('鲸鱼是什么动物')).toBeCloseTo(1, 5);
    expect(lengthOf('   \n ')).toBe(0);
  });

  test('case and the digits of a number make no difference, the order of words does', () => {
    expect(grams(read('Add 12 To 34'))).toEqual(grams(read('add 56 to 78')));
    expect(grams(read('dog bites man'))).not.toEqual(grams(read('man bites dog')));
  });

  test('Chinese is read by pairs of signs: prompts about one subject share places', () => {
    const shared = (first: string, second: string): number =>
      [...grams(read(first)).keys()].filter((index) => grams(read(second)).has(index)).length;
    expect(shared('鲸鱼是什么', '鲸鱼在哪里')).toBeGreaterThan(0);
    expect(shared('鲸鱼是什么', '长城有多长')).toBe(0);
  });

  test('only the first 4,000 characters are read, but the length of all counts', () => {
    const long = 'word '.repeat(800);
    expect(grams(read(long))).toEqual(grams(read(`${long} whale whale`)));
    expect(read(long)).not.toEqual(read(long.repeat(4)));
  });

  test('tasks of different classes are told apart', () => {
    const prompts = [
      'Which?\nA. one\nB. two\nC. three',
      '哪一个？\nA. 跳板原则\nB. 秩序原则\nC. 分权原则',
      'def add(a, b): return a + b',
      'How many apples are 3 apples and 4 apples?',
      'Roman: 45',
      '请介绍一下长城的历史',
      'Write a poem about the sea',
      'Who was Ada Lovelace?',
      'Tell me about whales',
    ];
    expect(new Set(prompts.map((text) => String(taskClass(read(text)))))).toHaveLength(9);
  });
});
