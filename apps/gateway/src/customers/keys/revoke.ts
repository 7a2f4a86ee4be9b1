import { and, eq, isNull } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { apiKeys, inTenant } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';

export interface KeyReference {
  readonly organizationId: string;
  readonly id: string;
}

/** From now on every gateway refuses the key. Revoking it again changes nothing. */
export async function revokeKey(ctx: Context, { id, organizationId }: KeyReference): Promise<void> {
  const isThisKey = and(eq(apiKeys.id, id), eq(apiKeys.organizationId, organizationId));
  await inTenant(ctx, organizationId, async (transaction) => {
    const revoked = await transaction
      .update(apiKeys)
      .set({ revokedAt: new Date(ctx.clock()) })
      .where(and(isThisKey, isNull(apiKeys.revokedAt)))
      .returning({ name: apiKeys.name });
    const [key] = revoked;
    if (key !== undefined) {
      await recordDeed(transaction, ctx, {
        action: 'key.revoke',
        subject: id,
        organizationId,
        details: { name: key.name },
      });
      return;
    }
    const known = await transaction.select({ id: apiKeys.id }).from(apiKeys).where(isThisKey);
    if (known.length === 0) throw new Refusal('not_found', { message: 'There is no such key.' });
  });
}
