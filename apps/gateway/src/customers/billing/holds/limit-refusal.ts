import { nanoUsd, printUsd, type NanoUsd, type RefusalCode } from '@sealgate/contract';
import { Refusal } from '../../../platform/refusal.ts';
import { roomIn, type Limit, type LimitScope } from './limits.ts';
import { secondsUntil, type Month } from '../../../platform/month.ts';

interface RefusedRequest {
  /** The most that it can cost. */
  readonly amountNano: NanoUsd;
  readonly month: Month;
  readonly nowMs: number;
}

const CODES = {
  wallet: 'account_suspended',
  organization: 'tenant_monthly_quota_exceeded',
  member: 'tenant_monthly_quota_exceeded',
  key: 'key_monthly_cap_exceeded',
} as const satisfies Record<LimitScope, RefusalCode>;

const NAMES: Readonly<Record<LimitScope, string>> = {
  wallet: 'the balance',
  organization: 'the organization’s monthly quota',
  member: 'the member’s monthly quota',
  key: 'this key’s monthly cap',
};

/** When running requests hold what is missing, they may cost less than they hold. */
const RETRY_SECONDS = 2;

/** Tells which limit is in the way, by how much, and what helps. */
export function refusalOf(limit: Limit, { amountNano, month, nowMs }: RefusedRequest): Refusal {
  const isHeldOnly = limit.limitNano - limit.spentNano >= amountNano;
  const left = roomIn(limit);
  const usd = (nano: bigint): string => printUsd(nanoUsd(nano));
  const isMonthly = limit.scope !== 'wallet';
  return new Refusal(CODES[limit.scope], {
    message:
      `This request can cost up to ${usd(amountNano)} USD, and ${NAMES[limit.scope]} leaves ${usd(left > 0n ? left : 0n)} USD. ` +
      (isHeldOnly ? 'Running requests hold the rest: try again shortly.' : adviceFor(limit, month)),
    retryAfterSeconds: isHeldOnly
      ? RETRY_SECONDS
      : isMonthly
        ? secondsUntil(month.endsAtMs, nowMs)
        : undefined,
    isRetryUseful: isHeldOnly,
    facts: {
      limit_source: limit.scope,
      limit: usd(limit.limitNano),
      used: usd(limit.spentNano),
      held: usd(limit.heldNano),
      needed: usd(amountNano),
      ...(isMonthly && { resets_at: new Date(month.endsAtMs).toISOString() }),
    },
  });
}

const adviceFor = ({ scope }: Limit, month: Month): string =>
  scope === 'wallet'
    ? 'Top up, or lower max_tokens.'
    : `Lower max_tokens, raise the limit, or wait until ${new Date(month.endsAtMs).toISOString()}.`;
