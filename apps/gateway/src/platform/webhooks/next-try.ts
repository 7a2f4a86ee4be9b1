export interface Trying {
  readonly createdAtMs: number;
  /** How often it was tried, with the try that runs now. */
  readonly attempts: number;
  readonly nowMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

const MINUTE_MS = 60_000;
const FIRST_PAUSE_MS = MINUTE_MS;
const LONGEST_PAUSE_MS = 4 * 60 * MINUTE_MS;
/** For so long a receiver may be away. */
const PATIENCE_MS = 24 * 60 * MINUTE_MS;

/** A last try whose end nobody heard is made again for so long. */
const GRACE_MS = 15 * MINUTE_MS;

/**
 * When a message is tried again if this try fails: after a minute, and each time after twice as long, give or take a quarter,
 * so that what failed together does not come back together. The last try is a day after the first. `undefined`: it was.
 */
export function nextTryAt({ createdAtMs, attempts, nowMs, random }: Trying): number | undefined {
  const endsAtMs = createdAtMs + PATIENCE_MS;
  if (nowMs >= endsAtMs) return undefined;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
  return Math.min(Math.round(nowMs + pauseMs * (0.75 + random() / 2)), endsAtMs);
}

/** From when on a message that was tried is not tried any more, even if nobody knows how its last try ended. */
export const givesUpAt = (createdAtMs: number): number => createdAtMs + PATIENCE_MS + GRACE_MS;
