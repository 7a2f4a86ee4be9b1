/** An upstream's answer, as its transport reads it: names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Whatever a header says: after this long we look for ourselves. */
export const LONGEST_LIMIT_MS = 10 * MINUTE_MS;
/** For an answer 429 that does not say how long. */
const UNSAID_MS = SECOND_MS;
/** `Retry-After: 0` must not become a busy loop. */
const SHORTEST_MS = 100;
const TOO_MANY_REQUESTS = 429;
const SERVER_ERRORS = 500;

/** Remaining and reset of each budget, as OpenAI and those who follow it name them, and as Anthropic does. */
const BUDGETS: readonly (readonly [remaining: string, reset: string])[] = [
  ...['requests', 'tokens'].map(
    (what) => [`x-ratelimit-remaining-${what}`, `x-ratelimit-reset-${what}`] as const,
  ),
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
    (what) =>
      [`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`] as const,
  ),
];

/**
 * For how long the model should not be asked again with this key; `undefined`: nothing speaks against it. Only a 429, a 5xx
 * that names a time, or a budget that is used up does.
 */
export function limitIn(
  answer: { readonly status: number; readonly headers: ResponseHeaders },
  nowMs: number,
): number | undefined {
  const { status, headers } = answer;
  const isRefused = status === TOO_MANY_REQUESTS || status >= SERVER_ERRORS;
  const asked = isRefused ? retryAfterIn(headers, nowMs) : undefined;
  const limitMs = asked ?? usedUpFor(headers, nowMs);
  if (limitMs !== undefined) return Math.min(Math.max(limitMs, SHORTEST_MS), LONGEST_LIMIT_MS);
  return status === TOO_MANY_REQUESTS ? UNSAID_MS : undefined;
}

function retryAfterIn(headers: ResponseHeaders, nowMs: number): number | undefined {
  const milliseconds = readNumber(textOf(headers['retry-after-ms']));
  if (milliseconds !== undefined) return milliseconds;
  const text = textOf(headers['retry-after']);
  const seconds = readNumber(text);
  return seconds === undefined ? readMoment(text, nowMs) : seconds * SECOND_MS;
}

/** Until the last of the budgets that are used up is there again. */
function usedUpFor(headers: ResponseHeaders, nowMs: number): number | undefined {
  let longest: number | undefined;
  for (const [remaining, reset] of BUDGETS) {
    if (headers[remaining] === undefined || readNumber(textOf(headers[remaining])) !== 0) continue;
    const text = textOf(headers[reset]);
    const resetMs = readDuration(text) ?? readMoment(text, nowMs);
    if (resetMs !== undefined) longest = Math.max(longest ?? 0, resetMs);
  }
  return longest;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  d: 24 * HOUR_MS,
  h: HOUR_MS,
  m: MINUTE_MS,
  s: SECOND_MS,
  ms: 1,
};
const PART = /(\d{1,12}(?:\.\d{1,12})?)(ms|d|h|m|s)/g;
const PARTS = /^(?:\d{1,12}(?:\.\d{1,12})?(?:ms|d|h|m|s)){1,8}$/;

/** Go's durations (`6m0s`, `20ms`, `7.66s`), or a number of seconds; in milliseconds. */
function readDuration(text: string): number | undefined {
  if (!PARTS.test(text)) {
    const seconds = readNumber(text);
    return seconds === undefined ? undefined : seconds * SECOND_MS;
  }
  let sumMs = 0;
  for (const [, amount, unit] of text.matchAll(PART)) {
    sumMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return sumMs;
}

/** Three letters of the weekday (RFC 9110), or a date with four digits of the year first (RFC 3339). */
const MOMENT = /^(?:[A-Z][a-z]{2}, |\d{4}-\d\d-\d\d[Tt ])/;

/** How far away an HTTP date or an RFC 3339 time is; 0 when it is over. */
function readMoment(text: string, nowMs: number): number | undefined {
  const at = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

const readNumber = (text: string): number | undefined =>
  /^\d{1,12}(?:\.\d{1,12})?$/.test(text) ? Number(text) : undefined;

/** Of a header that came twice, the first. */
const textOf = (value: string | string[] | undefined): string =>
  (typeof value === 'string' ? value : (value?.[0] ?? '')).trim();
