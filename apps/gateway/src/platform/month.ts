/** A calendar month where an organization is. A request counts in the month in which it began. */
export interface Month {
  /** Such as `2026-11`. */
  readonly name: string;
  /** The first moment of the next one. */
  readonly endsAtMs: number;
}

/** No place is further from Greenwich. */
const FURTHEST_MS = 15 * 3_600_000;

/** The month that the moment lies in. Throws `RangeError` for a time zone that is none. */
export function monthAt(timeZone: string, nowMs: number): Month {
  const name = nameOf(timeZone, nowMs);
  const [year = 0, month = 0] = name.split('-').map(Number);
  const boundaryMs = Date.UTC(year, month);
  // Clocks change, at midnight too: the calendar itself is asked, until one millisecond is left.
  let before = Math.max(nowMs, boundaryMs - FURTHEST_MS);
  let after = boundaryMs + FURTHEST_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (nameOf(timeZone, middle) === name) before = middle;
    else after = middle;
  }
  return { name, endsAtMs: after };
}

export interface DayOfMonth {
  /** From 1 on. */
  readonly day: number;
  /** How many days the month has. */
  readonly of: number;
}

/** The day of the calendar on which the moment lies there. */
export function dayOfMonthAt(timeZone: string, nowMs: number): DayOfMonth {
  const { year = '', month = '', day = '' } = partsOf(timeZone, nowMs);
  return {
    day: Number(day),
    of: new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate(),
  };
}

/** Rounded up: who waits so long does not come too early. */
export const secondsUntil = (thenMs: number, nowMs: number): number =>
  Math.ceil((thenMs - nowMs) / 1_000);

const formats = new Map<string, Intl.DateTimeFormat>();

function nameOf(timeZone: string, ms: number): string {
  const { year, month } = partsOf(timeZone, ms);
  return `${year}-${month}`;
}

function partsOf(timeZone: string, ms: number): Readonly<Record<string, string>> {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, ...DIGITS });
  formats.set(timeZone, format);
  return Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
}

const DIGITS = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
