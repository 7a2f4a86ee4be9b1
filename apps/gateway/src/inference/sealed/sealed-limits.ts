import { Refusal } from '../../platform/refusal.ts';
import type { Clock } from '../../platform/clock.ts';

/** The published limits; both published pairs of numbers exist, so all are settings. */
export interface SealedLimitSettings {
  readonly requestsPerSecond: number;
  /** Allowed within one second instead, once per window. */
  readonly burstRequests: number;
  readonly burstWindowMs: number;
  /** This many seconds with refused requests … */
  readonly abusiveSeconds: number;
  /** … within this time … */
  readonly abuseWindowMs: number;
  /** … close the sealed route to the key for this long. */
  readonly coolDownMs: number;
}

export const DEFAULT_SEALED_LIMITS: SealedLimitSettings = {
  requestsPerSecond: 2,
  burstRequests: 4,
  burstWindowMs: 10_000,
  abusiveSeconds: 20,
  abuseWindowMs: 5 * 60_000,
  coolDownMs: 30 * 60_000,
};

export interface SealedLimits {
  /** Counts one request of this key, or throws `rate_limit_exceeded` or `sealed_cool_down`. */
  admit(apiKeyId: string): void;
}

const SECOND_MS = 1000;
/** Beyond this, the key that was silent longest is forgotten. */
const TRACKED_KEYS = 10_000;

interface History {
  /** Admitted within the last second. */
  admitted: number[];
  burstAtMs: number;
  /** One entry per second in which something was refused. */
  refusedAtMs: number[];
  coolUntilMs: number;
}

export function createSealedLimits(clock: Clock, settings: SealedLimitSettings): SealedLimits {
  const histories = new Map<string, History>();

  return {
    admit(apiKeyId) {
      const nowMs = clock();
      const history = histories.get(apiKeyId) ?? fresh();
      // Re-inserted, so that the map is ordered by last use.
      histories.delete(apiKeyId);
      histories.set(apiKeyId, history);
      const [silentLongest] = histories.keys();
      if (histories.size > TRACKED_KEYS && silentLongest) histories.delete(silentLongest);

      if (nowMs < history.coolUntilMs) throw coolDown(history.coolUntilMs - nowMs);
      history.admitted = history.admitted.filter((atMs) => atMs > nowMs - SECOND_MS);
      if (isAdmitted(history, nowMs, settings)) {
        history.admitted.push(nowMs);
        return;
      }
      noteRefusal(history, nowMs, settings);
      if (nowMs < history.coolUntilMs) throw coolDown(settings.coolDownMs);
      const oldestMs = history.admitted[0] ?? nowMs;
      throw new Refusal('rate_limit_exceeded', {
        retryAfterSeconds: secondsUp(oldestMs + SECOND_MS - nowMs),
      });
    },
  };
}

const fresh = (): History => ({
  admitted: [],
  burstAtMs: -Infinity,
  refusedAtMs: [],
  coolUntilMs: -Infinity,
});

function isAdmitted(history: History, nowMs: number, settings: SealedLimitSettings): boolean {
  const { length } = history.admitted;
  if (length < settings.requestsPerSecond) return true;
  if (length >= settings.burstRequests) return false;
  const sinceBurstMs = nowMs - history.burstAtMs;
  if (sinceBurstMs < SECOND_MS) return true;
  if (sinceBurstMs < settings.burstWindowMs) return false;
  history.burstAtMs = nowMs;
  return true;
}

function noteRefusal(history: History, nowMs: number, settings: SealedLimitSettings): void {
  const recent = history.refusedAtMs.filter((atMs) => atMs > nowMs - settings.abuseWindowMs);
  const isSameSecond = nowMs - (recent.at(-1) ?? -Infinity) < SECOND_MS;
  history.refusedAtMs = isSameSecond ? recent : [...recent, nowMs];
  if (history.refusedAtMs.length < settings.abusiveSeconds) return;
  history.refusedAtMs = [];
  history.coolUntilMs = nowMs + settings.coolDownMs;
}

function coolDown(remainingMs: number): Refusal {
  return new Refusal('sealed_cool_down', { retryAfterSeconds: secondsUp(remainingMs) });
}

const secondsUp = (ms: number): number => Math.max(1, Math.ceil(ms / SECOND_MS));
