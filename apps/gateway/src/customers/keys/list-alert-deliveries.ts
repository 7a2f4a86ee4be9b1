import type { Context } from '../../platform/context.ts';
import { inTenant } from '../../platform/db/index.ts';
import type { Page, PageRequest } from '../../platform/page.ts';
import { listDeliveries, type AlertDelivery } from '../billing/index.ts';
import { takeKey } from './authority.ts';
import type { KeyReference } from './key.ts';

/** The tries to reach the key's webhook, for whoever may change it. The latest first. */
export function listKeyAlertDeliveries(
  ctx: Context,
  reference: KeyReference,
  page: PageRequest,
): Promise<Page<AlertDelivery>> {
  const { organizationId, id: keyId } = reference;
  return inTenant(ctx, organizationId, async (transaction) => {
    await takeKey(transaction, ctx, reference);
    return listDeliveries(transaction, { organizationId, keyId }, page);
  });
}
