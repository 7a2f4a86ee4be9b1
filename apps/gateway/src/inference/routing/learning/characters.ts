/** Kinds of characters that tell prompts apart. Numbers, because millions of characters are looked up per second. */
export const SPACE = 0;
export const DIGIT = 1;
export const CAPITAL = 2;
const LETTER = 3;
export const SYMBOL = 4;
export const NEWLINE = 5;
/** Written without spaces between words: Chinese, Japanese, Korean. */
export const CJK = 6;
/** A letter of any other script. */
export const OTHER_LETTER = 7;
export const KINDS = 8;

const ASCII = Uint8Array.from({ length: 128 }, (_, code) => asciiKind(code));

/** The kind of a UTF-16 code unit; halves of surrogate pairs (emoji, rare signs) count as symbols. */
export function kindOf(code: number): number {
  return code < 128 ? (ASCII[code] ?? SYMBOL) : wideKind(code);
}

function asciiKind(code: number): number {
  const character = String.fromCharCode(code);
  if (character === '\n') return NEWLINE;
  if (character <= ' ') return SPACE;
  if (/[0-9]/.test(character)) return DIGIT;
  if (/[A-Z]/.test(character)) return CAPITAL;
  return /[a-z_]/.test(character) ? LETTER : SYMBOL;
}

/** Ends of ranges in ascending order, each with the kind of the codes below it. */
const WIDE_RANGES: readonly (readonly [end: number, kind: number])[] = [
  [0xc0, SYMBOL],
  [0x2000, OTHER_LETTER],
  [0x2e80, SYMBOL],
  [0x3000, CJK],
  [0x3040, SYMBOL],
  [0xd7b0, CJK],
  [0xf900, SYMBOL],
  [0xfb00, CJK],
  [0xff00, OTHER_LETTER],
  [0x10000, SYMBOL],
];

function wideKind(code: number): number {
  for (const [end, kind] of WIDE_RANGES) if (code < end) return kind;
  return SYMBOL;
}
