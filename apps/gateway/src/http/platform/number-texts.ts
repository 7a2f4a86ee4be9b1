/** A string, a mark, or anything else that stands by itself. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * How the numbers directly within an object are written, by the member they belong to: `JSON.parse` would make a float of
 * `0.1` before anybody can see it. The text must be JSON. Of members of one name the last counts, as for `JSON.parse`.
 */
export function numberTexts(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let depth = 0;
  let member = '';
  let before = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (CLOSING.has(token)) depth -= 1;
    if (depth === 1 && before === ':') {
      if (IS_NUMBER.test(token)) found.set(member, token);
      else found.delete(member);
    }
    if (depth === 1 && before !== ':' && token.startsWith('"'))
      member = JSON.parse(token) as string;
    if (OPENING.has(token)) depth += 1;
    before = token;
  }
  return found;
}

const OPENING = new Set(['{', '[']);
const CLOSING = new Set(['}', ']']);
const IS_NUMBER = /^[-\d]/;
