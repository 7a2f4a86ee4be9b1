import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberTexts } from './number-texts.ts';

describe('numbers of a JSON text', () => {
  test.each([
    ['{"a":20}', { a: '20' }],
    ['{ "a" : 0.10 , "b":"0.1","c":-1e2}', { a: '0.10', c: '-1e2' }],
    ['{"a":20.0000000000000000001}', { a: '20.0000000000000000001' }],
    ['{"a":{"a":1,"b":[2]},"b":3}', { b: '3' }],
    ['{"x":[{"a":1}],"a":2}', { a: '2' }],
    ['{"a\\"b":1,"\\u0061":2}', { 'a"b': '1', a: '2' }],
    ['{"a":1,"a":2}', { a: '2' }],
    ['{"a":1,"a":"2"}', {}],
    ['{"a":1,"a":{}}', {}],
    ['{"s":"{\\"a\\":1,","a":2}', { s: undefined, a: '2' }],
    ['[1,2]', {}],
    ['1', {}],
    ['{}', {}],
  ])('%s', (text, expected) => {
    expect(Object.fromEntries(numberTexts(text))).toEqual(expected);
  });

  test('are those that JSON.parse reads, whatever else is there and however it is spaced', () => {
    const indent = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), indent, (value, spaces) => {
        const text = JSON.stringify(value, undefined, spaces);
        const numbers = Object.entries(JSON.parse(text) as object).filter(
          ([, member]) => typeof member === 'number',
        );
        const read = [...numberTexts(text)].map(([name, digits]) => [name, Number(digits)]);
        expect(new Map(read as never)).toEqual(new Map(numbers));
      }),
    );
  });
});
