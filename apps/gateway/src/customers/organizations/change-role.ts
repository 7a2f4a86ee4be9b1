import { and, eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, memberships } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { selectMembers, type Member } from './list-members.ts';
import { lockMemberships, requireRight, rightOver, rolesIn } from './membership.ts';

export interface RoleToGive {
  readonly userId: string;
  readonly role: 'admin' | 'developer';
}

export function changeRole(
  ctx: Context<MemberActor>,
  { userId, role }: RoleToGive,
): Promise<Member> {
  const { organizationId } = ctx.actor;
  const isThisMember = and(
    eq(memberships.organizationId, organizationId),
    eq(memberships.userId, userId),
  );
  return inTenant(ctx, organizationId, async (transaction) => {
    await lockMemberships(transaction, organizationId);
    const { actor, other } = await rolesIn(transaction, ctx.actor, userId);
    if (other === undefined) throw new Refusal('not_found');
    if (other === 'owner') throw new Refusal('last_owner');
    requireRight(actor, rightOver(other));
    requireRight(actor, rightOver(role));
    if (role !== other) {
      await transaction.update(memberships).set({ role }).where(isThisMember);
      await recordDeed(transaction, ctx, {
        action: 'member.change-role',
        subject: userId,
        organizationId,
        details: { from: other, to: role },
      });
    }
    const [member] = await selectMembers(transaction).where(isThisMember);
    if (member === undefined) throw new Error('impossible: a locked member is gone');
    return member;
  });
}
