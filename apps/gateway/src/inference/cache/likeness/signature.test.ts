import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signatureOf } from './signature.ts';

describe('texts with one signature', () => {
  test.each([
    ['How do I reset my password?', 'how can I reset my password'],
    ['What is the capital of France?', 'Could you tell me the capital of France, please?'],
    ['Explain how a vaccine works', 'How do vaccines work?'],
    ['Isn’t swimming "safe"?', "isn't swimming “safe”"],
    ['Where is my order?', "Where's my order?"],
    ['Convert 5 kg to pounds', 'Please convert 5 kg to pounds!'],
  ])('%s — %s', (one, other) => {
    expect(signatureOf(one)).toBeDefined();
    expect(signatureOf(one)).toBe(signatureOf(other));
  });
});

describe('texts with different signatures', () => {
  test.each([
    ['numbers', 'What is the exact sum 12 + 30?', 'What is the exact sum 12 + 31?'],
    ['numbers in words', 'Give me two ideas', 'Give me three ideas'],
    ['signs', 'What is the exact result of 12 + 30?', 'What is the exact result of 12 - 30?'],
    ['versions', 'What is new in version 3.11?', 'What is new in version 3.12?'],
    ['negations', 'Is it safe to swim?', 'Is it not safe to swim?'],
    ['short negations', 'Can I swim here now?', 'Can’t I swim here now?'],
    ['names', 'What is the capital of France?', 'What is the capital of Germany?'],
    ['names in small letters', 'the capital of france', 'the capital of germany'],
    ['opposites', 'How do I enable logging?', 'How do I disable logging?'],
    ['directions', 'Do you ship to Canada?', 'Do you ship from Canada?'],
    ['times', 'Who is the president?', 'Who was the president?'],
    ['with and without', 'A recipe with nuts', 'A recipe without nuts'],
    ['orders of words', 'Convert pounds to euros', 'Convert euros to pounds'],
    ['who does what to whom', 'Does Alice owe Bob money?', 'Does Bob owe Alice money?'],
    ['kinds of question', 'How do vaccines work?', 'Do vaccines work?'],
    ['questions', 'Why did Rome fall?', 'When did Rome fall?'],
    ['quotations', 'Translate "good day"', 'Translate "Good day"'],
    ['addresses', 'Summarize https://a.example/1', 'Summarize https://a.example/2'],
    ['other scripts', '请问 法国的首都是什么？', '请问 德国的首都是什么？'],
  ])('%s', (_what, one, other) => {
    expect(signatureOf(one)).toBeDefined();
    expect(signatureOf(other)).toBeDefined();
    expect(signatureOf(one)).not.toBe(signatureOf(other));
  });

  test('any other number, wherever it stands', () => {
    const number = fc.nat({ max: 1_000_000 });
    const words = fc.array(fc.constantFrom('sum', 'of', 'the', 'and', 'boxes'));
    fc.assert(
      fc.property(number, number, words, words, (one, other, before, after) => {
        fc.pre(one !== other);
        const text = (value: number): string =>
          `ship goods ${[...before, value, ...after].join(' ')}`;
        expect(signatureOf(text(one))).not.toBe(signatureOf(text(other)));
      }),
    );
  });
});

describe('no signature has', () => {
  test.each([
    ['code', 'What does `rm -rf` do?'],
    ['what says nothing by itself', 'Could you explain that to me, please?'],
    ['a number alone', '42'],
    ['one telling word', 'What is in the box?'],
    ['nothing', ''],
    ['a long text', 'word '.repeat(250)],
  ])('%s', (_what, text) => {
    expect(signatureOf(text)).toBeUndefined();
  });

  test('whatever the text, it never throws and is the same again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(signatureOf(text)).toBe(signatureOf(text));
      }),
    );
  });
});
