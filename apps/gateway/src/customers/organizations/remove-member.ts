import { and, eq, isNull } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { apiKeys, inTenant, memberships } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { lockMemberships, requireRight, rightOver, rolesIn } from './membership.ts';

/** Or leaving, when it is the actor. The keys that the member has made are revoked: their secrets leave too. */
export function removeMember(
  ctx: Context<MemberActor>,
  { userId }: { readonly userId: string },
): Promise<void> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    await lockMemberships(transaction, organizationId);
    const { actor, other } = await rolesIn(transaction, ctx.actor, userId);
    if (other === undefined) throw new Refusal('not_found');
    if (other === 'owner') throw new Refusal('last_owner');
    const isLeaving = ctx.actor.kind === 'user' && ctx.actor.userId === userId;
    if (!isLeaving) requireRight(actor, rightOver(other));
    await transaction
      .delete(memberships)
      .where(and(eq(memberships.organizationId, organizationId), eq(memberships.userId, userId)));
    const revoked = await transaction
      .update(apiKeys)
      .set({ revokedAt: new Date(ctx.clock()) })
      .where(
        and(
          eq(apiKeys.organizationId, organizationId),
          eq(apiKeys.createdBy, userId),
          isNull(apiKeys.revokedAt),
        ),
      )
      .returning({ id: apiKeys.id });
    await recordDeed(transaction, ctx, {
      action: isLeaving ? 'member.leave' : 'member.remove',
      subject: userId,
      organizationId,
      details: { role: other, revokedKeys: revoked.map(({ id }) => id) },
    });
  });
}
