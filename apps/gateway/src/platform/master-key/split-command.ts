const PART = /(?:[^\s'"]|'[^']*'|"[^"]*")+/y;
const QUOTED = /'([^']*)'|"([^"]*)"/g;

/**
 * A command and its arguments, as no shell would read them: spaces separate, and single or double quotes keep what is between
 * them together, as it is. There are no variables, no wildcards and no backslashes. `undefined`: a quote does not end, or there is
 * nothing.
 */
export function splitCommand(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    PART.lastIndex = 0;
    const [part] = PART.exec(rest) ?? [];
    if (part === undefined) return undefined;
    parts.push(
      part.replaceAll(QUOTED, (_all, single?: string, double?: string) => single ?? double ?? ''),
    );
    const left = rest.slice(part.length);
    // What follows without a space is a quote that does not end.
    if (left !== '' && left.trimStart() === left) return undefined;
    rest = left.trimStart();
  }
  return parts.length === 0 || parts[0] === '' ? undefined : parts;
}
