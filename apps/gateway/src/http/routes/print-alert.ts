import type { AlertDelivery as PrintedDelivery, AlertTest } from '@sealgate/contract';
import type { AlertDelivery } from '../../customers/billing/index.ts';
import type { Delivery } from '../../platform/webhooks/index.ts';

const PROBLEMS = {
  delivered: null,
  'not-accepted': 'not_accepted',
  unreachable: 'unreachable',
  timeout: 'timeout',
} as const satisfies Record<Delivery['kind'], AlertTest['problem']>;

export const printTest = (delivery: Delivery): AlertTest => ({
  delivered: delivery.kind === 'delivered',
  status: 'status' in delivery ? delivery.status : null,
  problem: PROBLEMS[delivery.kind],
});

export const printDelivery = (delivery: AlertDelivery): PrintedDelivery => ({
  delivery_id: delivery.id,
  event_id: delivery.messageId,
  type: delivery.type,
  attempt: delivery.attempt,
  attempted_at: delivery.attemptedAt.toISOString(),
  delivered: delivery.outcome === 'delivered',
  status: delivery.status,
  problem: PROBLEMS[delivery.outcome],
  duration_ms: delivery.durationMs,
  next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
});
