/** A string, a mark, or anything else that stands by itself. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * How the numbers directly within an object are written, by the member they belong to: `JSON.parse` would make a float of
 * `0.1` before anybody can see it. The text must be JSON. Of members of one name the last counts, as for `JSON.parse`.
 */
export function numberTexts(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let depth = 0;
  let member: string | undefined;
  let isValueNext = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && isValueNext && member !== undefined) {
      if (/^[-\d]/.test(token)) found.set(member, token);
      else found.delete(member);
    } else if (depth === 1 && token.startsWith('"')) member = JSON.parse(token) as string;
    if (token === '{' || token === '[') depth += 1;
    isValueNext = depth === 1 && token === ':';
  }
  return found;
}
