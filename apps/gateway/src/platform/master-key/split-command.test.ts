import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitCommand } from './split-command.ts';

test.each([
  ['aws kms decrypt --query Plaintext', ['aws', 'kms', 'decrypt', '--query', 'Plaintext']],
  ['  cat\t/etc/key \n', ['cat', '/etc/key']],
  [`cat "/mnt/my keys/one" '/mnt/two "x"'`, ['cat', '/mnt/my keys/one', '/mnt/two "x"']],
  [`a"b c"d --x=''`, ['ab cd', '--x=']],
  [`echo $HOME * ; rm -rf \\ |`, ['echo', '$HOME', '*', ';', 'rm', '-rf', '\\', '|']],
])('%s', (text, parts) => {
  expect(splitCommand(text)).toEqual(parts);
});

test.each(['', '   ', `cat "open`, `cat 'open`, `cat a"b`, `''`, `"" x`])(
  'is no command: %j',
  (text) => {
    expect(splitCommand(text)).toBeUndefined();
  },
);

test('whatever the arguments are, in quotes they arrive as they are', () => {
  const quoted = (part: string): string => (part.includes("'") ? `"${part}"` : `'${part}'`);
  const argument = fc.string().filter((text) => !(text.includes("'") && text.includes('"')));
  const commands = fc.tuple(
    argument.filter((text) => text !== ''),
    fc.array(argument),
  );
  fc.assert(
    fc.property(commands, ([program, args]) => {
      const parts = [program, ...args];
      expect(splitCommand(parts.map(quoted).join(' '))).toEqual(parts);
    }),
  );
});

test('whatever the text is, it is split soon or not at all', () => {
  const nasty = fc.string({
    unit: fc.constantFrom('a', ' ', '"', "'", '\\', '\n'),
    maxLength: 2_000,
  });
  fc.assert(
    fc.property(nasty, (text) => {
      for (const part of splitCommand(text) ?? []) expect(text).toContain(part[0] ?? '');
    }),
  );
});
