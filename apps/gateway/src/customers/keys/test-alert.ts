import type { Context } from '../../platform/context.ts';
import { inTenant } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Delivery, WebhookSender } from '../../platform/webhooks/index.ts';
import { alertSecretPurpose } from './alert-webhook.ts';
import { takeKey } from './authority.ts';
import type { KeyReference } from './key.ts';

/** Sends one test event to the key's alert webhook, now. */
export async function testAlert(
  ctx: Context,
  webhooks: WebhookSender,
  reference: KeyReference,
): Promise<Delivery> {
  const key = await inTenant(ctx, reference.organizationId, (transaction) =>
    takeKey(transaction, ctx, reference),
  );
  if (key.alertWebhookUrl === null || key.alertWebhookSecret === null) {
    throw new Refusal('conflict', { message: 'This key has no alert webhook. Set one first.' });
  }
  const sentAtMs = ctx.clock();
  const body = JSON.stringify({
    type: 'key.alert_test',
    timestamp: new Date(sentAtMs).toISOString(),
    data: { key_id: key.id, thresholds: key.alertThresholds },
  });
  const secret = ctx.vault.open(alertSecretPurpose(key.id), key.alertWebhookSecret);
  const id = ctx.newId('webhookMessage');
  return webhooks.send(key.alertWebhookUrl, { id, sentAtMs, body }, secret);
}
