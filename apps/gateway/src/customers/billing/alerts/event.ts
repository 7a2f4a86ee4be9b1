import { printUsd, type AlertEvent } from '@sealgate/contract';
import type { DueAlert, ReachedThreshold } from './find-due.ts';

/** What a webhook is told. */
export function eventOf(alert: DueAlert, happenedAt: Date): AlertEvent {
  const timestamp = happenedAt.toISOString();
  const org_id = alert.organizationId;
  switch (alert.scope) {
    case 'key':
      return {
        type: 'key.spend_threshold_reached',
        timestamp,
        data: { key_id: alert.subject, ...factsOf(alert) },
      };
    case 'member':
      return {
        type: 'member.spend_threshold_reached',
        timestamp,
        data: { user_id: alert.subject, ...factsOf(alert) },
      };
    case 'organization':
      return { type: 'organization.spend_threshold_reached', timestamp, data: factsOf(alert) };
    case 'wallet':
      return {
        type: 'wallet.low_balance',
        timestamp,
        data: {
          org_id,
          balance_usd: printUsd(alert.balanceNano),
          low_balance_alert_usd: printUsd(alert.limitNano),
        },
      };
  }
}

const factsOf = (alert: ReachedThreshold) => ({
  org_id: alert.organizationId,
  threshold: alert.threshold,
  spent_usd: printUsd(alert.spentNano),
  cap_usd: printUsd(alert.limitNano),
  month: alert.month,
  resets_at: alert.resetsAt,
});
