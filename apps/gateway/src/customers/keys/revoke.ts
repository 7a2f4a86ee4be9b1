import { eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { apiKeys, inTenant } from '../../platform/db/index.ts';
import { refuseLimitedKey } from '../billing/index.ts';
import { takeKey } from './authority.ts';
import type { KeyReference } from './key.ts';

/** From now on every gateway refuses the key. Revoking it again changes nothing. A limited key may do this to itself only. */
export function revokeKey(ctx: Context, reference: KeyReference): Promise<void> {
  return inTenant(ctx, reference.organizationId, async (transaction) => {
    const stored = await takeKey(transaction, ctx, reference);
    await refuseLimitedKey(transaction, ctx.actor, stored);
    const { id, organizationId, revokedAt } = stored;
    if (revokedAt !== null) return;
    await transaction
      .update(apiKeys)
      .set({ revokedAt: new Date(ctx.clock()) })
      .where(eq(apiKeys.id, id));
    await recordDeed(transaction, ctx, {
      action: 'key.revoke',
      subject: id,
      organizationId,
    });
  });
}
