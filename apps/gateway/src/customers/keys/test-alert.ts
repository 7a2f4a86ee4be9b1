import type { Context } from '../../platform/context.ts';
import { inTenant } from '../../platform/db/index.ts';
import type { Delivery } from '../../platform/webhooks/index.ts';
import { testWebhook, type AlertTesting } from '../billing/index.ts';
import { takeKey } from './authority.ts';
import type { KeyReference } from './key.ts';

/** Sends one test event to the key's alert webhook, now. */
export async function testAlert(
  ctx: Context,
  testing: AlertTesting,
  reference: KeyReference,
): Promise<Delivery> {
  const { organizationId, id: keyId } = reference;
  const key = await inTenant(ctx, organizationId, (transaction) =>
    takeKey(transaction, ctx, reference),
  );
  return testWebhook(ctx, testing, {
    organizationId,
    keyId,
    owner: key,
    eventAt: (timestamp) => ({
      type: 'key.alert_test',
      timestamp,
      data: { org_id: organizationId, key_id: keyId, thresholds: key.alertThresholds },
    }),
  });
}
