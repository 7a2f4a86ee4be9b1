import { CAPITAL, CJK, kindOf, KINDS, NEWLINE, SPACE, SYMBOL, DIGIT } from './characters.ts';
import type { GramBag } from './gram-bag.ts';
import { asksForAmount, topicOf, TOPICS } from './topics.ts';
import { emptyHash, extendHash, pairHash } from './word-hash.ts';

/** Longer prompts are judged by their beginning: it keeps the decision within microseconds. */
const MAX_CHARS = 4_000;

/** What one pass over a text counted. */
export interface TextCounts {
  readonly chars: number;
  readonly allChars: number;
  readonly byKind: Uint32Array;
  readonly byTopic: Uint32Array;
  readonly numbers: number;
  readonly questionMarks: number;
  readonly mathsSigns: number;
  readonly codeSigns: number;
  /** Lines that begin like `A.` or `(B)`. */
  readonly choices: number;
  readonly asksForAmount: boolean;
}

/** Counts what a text is made of and drops its words, pairs of words and pairs of CJK signs into the bag. */
export function scanText(text: string, bag: GramBag): TextCounts {
  const scan = new Scan(bag);
  const chars = Math.min(text.length, MAX_CHARS);
  for (let at = 0; at < chars; at += 1) scan.read(text.charCodeAt(at), text.charCodeAt(at + 1));
  scan.endWord();
  return scan.counts(chars, text.length);
}

const codesOf = (characters: string): ReadonlySet<number> =>
  new Set(Array.from(characters, (character) => character.charCodeAt(0)));
const QUESTION_MARKS = codesOf('?？');
const MATHS_SIGNS = codesOf('+=*$\\%^');
const CODE_SIGNS = codesOf('{};_`[');
const CHOICE_ENDS = codesOf('.):．、');
const OPENING_BRACKET = 0x28;
const ZERO = 0x30;
const LAST_CHOICE = 0x45; // E
const LOWER_CASE = 0x20;
/** Two of these in a row are an operator: `==`, `>>`. */
const DOUBLED_SIGNS = codesOf('=>');

const NO_WORD = 0;

class Scan {
  readonly #bag: GramBag;
  readonly #byKind = new Uint32Array(KINDS);
  readonly #byTopic = new Uint32Array(TOPICS);
  #hash = NO_WORD;
  #lastHash = NO_WORD;
  #lastKind = NEWLINE;
  #isLineStart = true;
  #numbers = 0;
  #questionMarks = 0;
  #mathsSigns = 0;
  #codeSigns = 0;
  #choices = 0;
  #asksForAmount = false;

  constructor(bag: GramBag) {
    this.#bag = bag;
  }

  read(code: number, next: number): void {
    const kind = kindOf(code);
    this.#byKind[kind] = (this.#byKind[kind] ?? 0) + 1;
    if (kind === SPACE || kind === NEWLINE) this.#readSpace(kind);
    else if (kind === SYMBOL) this.#readSymbol(code, next);
    else if (kind === CJK) this.#readSign(code);
    else this.#readLetter(code, kind, next);
    this.#lastKind = kind;
  }

  /** Counts the word that has just ended, if any, alone and together with the word before it. */
  endWord(): void {
    const hash = this.#hash;
    if (hash === NO_WORD) return;
    this.#hash = NO_WORD;
    const topic = topicOf(hash);
    if (topic !== undefined) this.#byTopic[topic] = (this.#byTopic[topic] ?? 0) + 1;
    if (asksForAmount(this.#lastHash, hash)) this.#asksForAmount = true;
    this.#bag.add(hash);
    this.#addPair(hash);
  }

  counts(chars: number, allChars: number): TextCounts {
    return {
      chars,
      allChars,
      byKind: this.#byKind,
      byTopic: this.#byTopic,
      numbers: this.#numbers,
      questionMarks: this.#questionMarks,
      mathsSigns: this.#mathsSigns,
      codeSigns: this.#codeSigns,
      choices: this.#choices,
      asksForAmount: this.#asksForAmount,
    };
  }

  #readSpace(kind: number): void {
    this.endWord();
    if (kind === NEWLINE) this.#isLineStart = true;
  }

  #readSymbol(code: number, next: number): void {
    this.endWord();
    this.#isLineStart = code === OPENING_BRACKET;
    if (QUESTION_MARKS.has(code)) this.#questionMarks += 1;
    else if (MATHS_SIGNS.has(code)) this.#mathsSigns += 1;
    if (CODE_SIGNS.has(code) || (code === next && DOUBLED_SIGNS.has(code))) this.#codeSigns += 1;
    this.#hash = extendHash(emptyHash, code);
    this.endWord();
  }

  /** Single CJK signs say little; pairs of neighbours are what words are to other scripts. */
  #readSign(code: number): void {
    this.endWord();
    this.#isLineStart = false;
    this.#addPair(extendHash(emptyHash, code));
  }

  #readLetter(code: number, kind: number, next: number): void {
    if (kind === DIGIT && this.#lastKind !== DIGIT) this.#numbers += 1;
    if (this.#isLineStart && kind === CAPITAL && code <= LAST_CHOICE && CHOICE_ENDS.has(next))
      this.#choices += 1;
    this.#isLineStart = false;
    const hash = this.#hash === NO_WORD ? emptyHash : this.#hash;
    this.#hash = extendHash(hash, plainCode(code, kind));
  }

  #addPair(hash: number): void {
    if (this.#lastHash !== NO_WORD) this.#bag.add(pairHash(this.#lastHash, hash));
    this.#lastHash = hash;
  }
}

/** Upper and lower case are one; every digit is a zero, so that numbers count by their length. */
function plainCode(code: number, kind: number): number {
  if (kind === CAPITAL) return code | LOWER_CASE;
  return kind === DIGIT ? ZERO : code;
}
