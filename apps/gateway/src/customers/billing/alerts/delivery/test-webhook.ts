import type { AlertEvent } from '@sealgate/contract';
import type { Context } from '../../../../platform/context.ts';
import { inTenant } from '../../../../platform/db/index.ts';
import type { RateLimiter } from '../../../../platform/limits/index.ts';
import { Refusal } from '../../../../platform/refusal.ts';
import type { Delivery, WebhookSender } from '../../../../platform/webhooks/index.ts';
import { keepDelivery } from './deliveries.ts';
import type { WebhookReference } from './find-webhook.ts';
import { hasWebhook, openWebhook, type WebhookOwner } from './webhook.ts';

export interface AlertTesting {
  readonly webhooks: WebhookSender;
  /** Of a minute. */
  readonly tests: RateLimiter;
}

export interface WebhookTest extends WebhookReference {
  readonly owner: WebhookOwner;
  readonly eventAt: (timestamp: string) => AlertEvent;
}

/** The gateway is not to knock at strangers’ doors for anybody. */
const MAX_TESTS_A_MINUTE = 10;

/** Sends one test event, now, and keeps how it ended. */
export async function testWebhook(
  ctx: Context,
  { webhooks, tests }: AlertTesting,
  { organizationId, keyId, owner, eventAt }: WebhookTest,
): Promise<Delivery> {
  if (!hasWebhook(owner)) {
    throw new Refusal('conflict', { message: 'There is no alert webhook. Set one first.' });
  }
  refuseFurther(tests, organizationId);
  const { url, secrets } = openWebhook(ctx, owner);
  const sentAtMs = ctx.clock();
  const event = eventAt(new Date(sentAtMs).toISOString());
  const id = ctx.newId('webhookMessage');
  const body = JSON.stringify(event);
  const delivery = await webhooks.probe(url, { id, sentAtMs, body }, secrets);
  const message = { id, organizationId, keyId, type: event.type };
  await inTenant(ctx, organizationId, (transaction) =>
    keepDelivery(transaction, ctx, {
      message,
      delivery,
      attempt: 1,
      sentAtMs,
      nextAttemptAt: undefined,
    }),
  );
  return delivery;
}

function refuseFurther(tests: RateLimiter, organizationId: string): void {
  const { isAllowed, limit, resetSeconds } = tests.take(organizationId, MAX_TESTS_A_MINUTE);
  if (isAllowed) return;
  throw new Refusal('rate_limit_exceeded', {
    message: `An organization may test its webhooks ${limit} times a minute. Wait ${resetSeconds} s, then try again.`,
    retryAfterSeconds: resetSeconds,
    facts: { limit_source: 'organization', limit },
  });
}
