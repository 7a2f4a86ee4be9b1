import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editMembers, findMembers } from './json-members.ts';

/** JSON text of an object with random white space between its tokens and some names written with escapes. */
const spaced = fc
  .tuple(
    fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 8 }),
    fc.infiniteStream(fc.constantFrom('', ' ', '\n', '\t\r')),
    fc.boolean(),
  )
  .map(([object, spaces, isEscaped]) => {
    const space = (): string => spaces.next().value;
    const name = (text: string): string =>
      isEscaped
        ? `"${Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')}"`
        : JSON.stringify(text);
    const members = Object.entries(object).map(
      ([key, value]) =>
        `${space()}${name(key)}${space()}:${space()}${JSON.stringify(value, null, space().length)}${space()}`,
    );
    return { object, text: `${space()}{${members.join(',')}${space()}}${space()}` };
  });

describe('findMembers', () => {
  test('finds what JSON.parse finds, in the order of the text', () => {
    fc.assert(
      fc.property(spaced, ({ text }) => {
        const found = findMembers(text);
        const parsed = found.map(({ name, valueStart, valueEnd }) => [
          name,
          JSON.parse(text.slice(valueStart, valueEnd)) as unknown,
        ]);
        expect(Object.fromEntries(parsed)).toEqual(JSON.parse(text));
        expect(found.map(({ start }) => start)).toEqual(
          found.map(({ start }) => start).sort((one, other) => one - other),
        );
      }),
    );
  });

  test('neither throws nor hangs on text that is not JSON', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[{}[\]",:\\ a1]*$/), (text) => {
        try {
          findMembers(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });

  test('looks at every character at most a few times, also in ten megabytes of brackets, quotes and backslashes', () => {
    const value = JSON.stringify(['\\'.repeat(1_000_000), '"'.repeat(1_000_000)]);
    const text = `{"a":${value},"b":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)},"c":"${'x'.repeat(4_000_000)}"}`;
    expect(findMembers(text).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });
});

describe('editMembers', () => {
  test('replaces, removes and appends, and leaves the rest equal to JSON.parse', () => {
    fc.assert(
      fc.property(spaced, fc.jsonValue(), fc.nat(8), ({ object, text }, value, pick) => {
        const names = Object.keys(object);
        const replaced = names[pick] ?? 'appended';
        const removed = names[pick + 1] ?? 'absent';
        const result = editMembers(text, {
          [replaced]: JSON.stringify(value),
          [removed]: undefined,
        });
        const { [removed]: _, ...expected } = { ...object, [replaced]: value };
        expect(JSON.parse(result)).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
    );
  });

  test('keeps big integers, spelling, order and inner white space byte for byte', () => {
    const text =
      ' { "seed" : 12345678901234567890, "model":"x", "temperature":1.0e+0,\n "messages": [ {"content" : "\\u00e9\\/"} ] } ';
    expect(editMembers(text, { model: '"y"' })).toBe(
      '{"seed" : 12345678901234567890,"model":"y","temperature":1.0e+0,"messages": [ {"content" : "\\u00e9\\/"} ]}',
    );
  });

  test('a duplicated name keeps only the value that JSON.parse reads', () => {
    const text = '{"model":"dear","a":1,"mod\\u0065l":"cheap"}';
    expect(editMembers(text, { model: (old) => old })).toBe('{"a":1,"mod\\u0065l":"cheap"}');
    expect(editMembers(text, { model: undefined })).toBe('{"a":1}');
  });

  test('a function sees the old text, or undefined when there is none', () => {
    const see = (old: string | undefined): string => JSON.stringify(old ?? 'none');
    expect(editMembers('{"a":[ 1 ]}', { a: see, b: see })).toBe('{"a":"[ 1 ]","b":"none"}');
  });

  test('an empty object takes members', () => {
    expect(editMembers(' { } ', { a: '1' })).toBe('{"a":1}');
  });

  test('names such as __proto__ and constructor are ordinary members', () => {
    const text = '{"__proto__":1,"constructor":2,"toString":3}';
    expect(editMembers(text, { constructor: undefined })).toBe('{"__proto__":1,"toString":3}');
  });
});
