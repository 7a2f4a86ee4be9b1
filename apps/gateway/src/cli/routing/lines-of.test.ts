import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from './lines-of.ts';

async function* piecesOf(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

test('however a text is cut into pieces, its lines come whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ''))),
      fc.integer({ min: 1, max: 7 }),
      async (lines, length) => {
        const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
        const read: string[] = [];
        for await (const line of linesOf(piecesOf(bytes, length))) read.push(line);
        expect(read).toEqual(lines);
      },
    ),
  );
});

test('a last line needs no end', async () => {
  const read: string[] = [];
  for await (const line of linesOf(piecesOf(new TextEncoder().encode('a\nö'), 2))) read.push(line);
  expect(read).toEqual(['a', 'ö']);
});
