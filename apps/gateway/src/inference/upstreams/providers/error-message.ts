const MAX_CHARACTERS = 300;

/** Things an upstream may quote back that are the operator's business: keys (also masked ones), addresses, URLs. */
const PRIVATE = [
  /\bhttps?:\/\/[^\s"')]+/gi,
  /\b(?:bearer\s+)?(?:sk|pk|gsk|xai|csk|fw|hf|nvapi|tgp)[-_][\w*.-]{4,}/gi,
  /\bAIza[\w-]{10,}/g,
  /[\w-]*\*{3,}[\w-]*/g,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /\b(?:org|proj|acct|user|req|request)[-_][A-Za-z0-9]{8,}\b/g,
];

/** The `message` of the common error shapes: `{error:{message}}`, `{error:"…"}`, `{message}`, `{detail}`, also in a list. */
export function errorMessageIn(body: string): string | undefined {
  const sentence = sentenceIn(parsed(body));
  return sentence === undefined ? undefined : withoutPrivateParts(sentence);
}

/** A sentence of an upstream, fit to be shown to a caller. */
export function withoutPrivateParts(sentence: string): string {
  const text = PRIVATE.reduce((kept, pattern) => kept.replace(pattern, '[…]'), sentence.trim());
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function sentenceIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (Array.isArray(value)) return sentenceIn(value[0]);
  if (typeof value !== 'object' || value === null) return undefined;
  const { error, message, detail } = value as Record<string, unknown>;
  return sentenceIn(error ?? message ?? detail);
}
