import { eq } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, providerKeys } from '../../platform/db/index.ts';
import { refuseLimitedKey } from '../billing/index.ts';
import { takeProviderKey } from './provider-key.ts';

/** The secret is gone. From the next request on the operator's key serves, where there is one. */
export function deleteProviderKey(ctx: Context<MemberActor>, id: string): Promise<void> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const { provider } = await takeProviderKey(transaction, ctx, id);
    await refuseLimitedKey(transaction, ctx.actor);
    await transaction.delete(providerKeys).where(eq(providerKeys.id, id));
    await recordDeed(transaction, ctx, {
      action: 'provider_key.delete',
      subject: id,
      organizationId,
      details: { provider },
    });
  });
}
