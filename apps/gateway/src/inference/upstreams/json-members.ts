/**
 * Edits top-level members of a JSON object as text, so that everything else in it keeps its very bytes: integers beyond
 * 2⁵³, spelling of numbers, order of keys, white space. One scan; inner strings are skipped with `indexOf`.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** One member of the object, as character positions in the text. */
export interface JsonMember {
  readonly name: string;
  /** The opening quote of the name. */
  readonly start: number;
  readonly valueStart: number;
  /** One past the value's last character. */
  readonly valueEnd: number;
}

/** The new JSON text of a value; `undefined` removes the member; a function decides from the old text. */
export type MemberEdit =
  | string
  | undefined
  | ((valueText: string | undefined) => string | undefined);

/** The members in the order of the text. `text` must be an object that `JSON.parse` accepts. */
export function findMembers(text: string): JsonMember[] {
  const members: JsonMember[] = [];
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = endOfString(text, at);
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({ name: nameIn(text, at, nameEnd), start: at, valueStart, valueEnd });
    const separator = skipSpace(text, valueEnd);
    if (text.charCodeAt(separator) !== COMMA) return members;
    at = skipSpace(text, separator + 1);
  }
  return members;
}

/**
 * Replaces, removes and appends members. Of a name that occurs more than once only the last member stays, which is the
 * one that `JSON.parse` reads: a reader that takes the first must not see another value than was checked here.
 */
export function editMembers(text: string, edits: Readonly<Record<string, MemberEdit>>): string {
  const members = findMembers(text);
  const last = new Map(members.map((member) => [member.name, member]));
  const kept: string[] = [];
  for (const member of members) {
    const { name, start, valueStart, valueEnd } = member;
    if (!Object.hasOwn(edits, name)) kept.push(text.slice(start, valueEnd));
    else if (last.get(name) === member) {
      const value = edited(edits[name], text.slice(valueStart, valueEnd));
      if (value !== undefined) kept.push(text.slice(start, valueStart) + value);
    }
  }
  for (const [name, edit] of Object.entries(edits)) {
    const value = last.has(name) ? undefined : edited(edit, undefined);
    if (value !== undefined) kept.push(`${JSON.stringify(name)}:${value}`);
  }
  return `{${kept.join(',')}}`;
}

function edited(edit: MemberEdit, valueText: string | undefined): string | undefined {
  return typeof edit === 'function' ? edit(valueText) : edit;
}

/** `"mod\u0065l"` is `model` too. */
function nameIn(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : raw;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** One past the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (quote - before) % 2 === 0;
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfContainer(text, start);
  let at = start;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
  return at;
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code <= 0x20;
}

function endOfContainer(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    at += 1;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    if (depth === 0) return at;
  }
  return at;
}
