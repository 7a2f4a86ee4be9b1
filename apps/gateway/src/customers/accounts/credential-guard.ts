import type { Clock } from '../../platform/clock.ts';
import { createRateLimiter, type RateVerdict } from '../../platform/limits/index.ts';
import { Refusal } from '../../platform/refusal.ts';

/** Who shows a credential, as far as that is known. */
export interface Attempt {
  /** An e-mail address or the id of a person; nothing for a token that names nobody. */
  readonly account?: string | undefined;
  readonly address: string | undefined;
}

export interface CredentialGuard {
  /** Checks a credential unless this account or address had too many wrong ones; throws 429 then. */
  check<Result>(attempt: Attempt, work: () => Promise<Result>): Promise<Result>;
  /** Throws 429 when strangers have caused too many mails to this account, or from this address. */
  admitMail(attempt: Attempt): void;
}

const CHECKS_WINDOW_MS = 15 * 60_000;
const MAILS_WINDOW_MS = 60 * 60_000;
const FAILURES = { account: 10, address: 50 };
/** Bounds what is checked at once before the first failure is known. */
const CHECKS = { account: 60, address: 600 };
const MAILS = { account: 5, address: 30 };
const OUR_REFUSALS = new Set(['invalid_credentials', 'token_expired']);

type Limits = Readonly<Record<'account' | 'address', number>>;
type Judge = (id: string, limit: number) => RateVerdict;

/** One of these serves one process. */
export function createCredentialGuard(clock: Clock): CredentialGuard {
  const checks = createRateLimiter({ clock, windowMs: CHECKS_WINDOW_MS });
  const failures = createRateLimiter({ clock, windowMs: CHECKS_WINDOW_MS });
  const mails = createRateLimiter({ clock, windowMs: MAILS_WINDOW_MS });
  return {
    check: async (attempt, work) => {
      refuseExcess(attempt, FAILURES, (id, limit) => failures.look(id, limit));
      refuseExcess(attempt, CHECKS, (id, limit) => checks.take(id, limit));
      try {
        return await work();
      } catch (error) {
        if (error instanceof Refusal && OUR_REFUSALS.has(error.code)) {
          refuseExcess(attempt, FAILURES, (id, limit) => failures.take(id, limit));
        }
        throw error;
      }
    },
    admitMail: (attempt) => refuseExcess(attempt, MAILS, (id, limit) => mails.take(id, limit)),
  };
}

function refuseExcess(attempt: Attempt, limits: Limits, judge: Judge): void {
  for (const source of ['account', 'address'] as const) {
    const id = attempt[source];
    if (id === undefined) continue;
    const verdict = judge(`${source}:${id}`, limits[source]);
    if (verdict.isAllowed) continue;
    throw new Refusal('rate_limit_exceeded', {
      message: `Too many attempts. Wait ${verdict.resetSeconds} s, then try again.`,
      retryAfterSeconds: verdict.resetSeconds,
      facts: { limit_source: source, limit: verdict.limit },
    });
  }
}
