import { create, type Font } from 'fontkit';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setImmediate as breathe } from 'node:timers/promises';

/** A character as a drawing, one unit high. */
export interface Outline {
  /** As in SVG; the y axis points upwards. */
  readonly path: string;
  readonly unitsPerEm: number;
  readonly advance: number;
  /** From 100, a hairline, to 900. */
  readonly weight: number;
}

export type Outlines = ReadonlyMap<string, Outline>;

const { resolve } = createRequire(import.meta.url);
/** Latin, Greek and Cyrillic; then Chinese characters and kana; then Hangul. */
const FAMILIES = ['noto-sans', 'noto-sans-sc', 'noto-sans-kr'] as const;

/** Each of a font's files knows some ranges of characters. */
interface Part {
  readonly family: string;
  readonly name: string;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

let parts: Promise<readonly Part[]> | undefined;

/**
 * Drawings of characters that the standard fonts of PDF do not have: what pdfkit would embed of these compressed fonts stays
 * blank, but fontkit reads their outlines. Characters of no font are left out.
 */
export async function loadOutlines(characters: Iterable<string>): Promise<Outlines> {
  parts ??= readParts();
  const known = await parts;
  const outlines = new Map<string, Outline>();
  const fonts = new Map<Part, Font | undefined>();
  for (const character of new Set(characters)) {
    const point = character.codePointAt(0) ?? 0;
    for (const part of known.filter(({ ranges }) => ranges.some(isIn(point)))) {
      if (!fonts.has(part)) fonts.set(part, await open(part));
      const font = fonts.get(part);
      if (font?.hasGlyphForCodePoint(point) !== true) continue;
      const { path, advanceWidth } = font.glyphForCodePoint(point);
      const { unitsPerEm, variationAxes } = font;
      const weight = variationAxes['wght']?.default ?? 400;
      outlines.set(character, { path: path.toSVG(), unitsPerEm, advance: advanceWidth, weight });
      break;
    }
  }
  return outlines;
}

const isIn =
  (point: number) =>
  ([first, last]: readonly [number, number]): boolean =>
    first <= point && point <= last;

/** Unpacking a file takes some milliseconds: whoever waits for the event loop gets a turn in between. */
async function open({ family, name }: Part): Promise<Font | undefined> {
  const file = `@fontsource-variable/${family}/files/${family}-${name}-wght-normal.woff2`;
  const bytes = await readFile(resolve(file));
  await breathe();
  const font = create(bytes);
  return 'glyphForCodePoint' in font ? font : undefined;
}

async function readParts(): Promise<readonly Part[]> {
  const families = await Promise.all(
    FAMILIES.map(async (family) => {
      const text = await readFile(resolve(`@fontsource-variable/${family}/unicode.json`), 'utf8');
      return Object.entries(JSON.parse(text) as Readonly<Record<string, string>>).map(
        ([name, ranges]) => ({
          family,
          name: name.replaceAll(/[[\]]/g, ''),
          ranges: ranges.split(',').map(rangeOf),
        }),
      );
    }),
  );
  return families.flat();
}

/** `U+4e00-4e02` or `U+4e00`. */
function rangeOf(text: string): readonly [number, number] {
  const [first = '', last = first] = text.trim().slice(2).split('-');
  const read = (digits: string): number =>
    Buffer.from(digits.padStart(8, '0'), 'hex').readUInt32BE();
  return [read(first), read(last)];
}
