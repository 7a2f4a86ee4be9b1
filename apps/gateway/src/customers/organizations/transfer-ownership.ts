import { and, eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, memberships } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { lockMemberships, requireRight, rolesIn } from './membership.ts';
import { describe, type Organization } from './organization.ts';

/** The owner so far becomes an admin. */
export function transferOwnership(
  ctx: Context<MemberActor>,
  { newOwnerId }: { readonly newOwnerId: string },
): Promise<Organization> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const organization = await lockMemberships(transaction, organizationId);
    if (organization.kind === 'personal') {
      throw new Refusal('conflict', {
        message: 'A personal organization belongs to its account. Create another one to share.',
      });
    }
    const { actor, other } = await rolesIn(transaction, ctx.actor, newOwnerId);
    requireRight(actor, 'organization.transfer');
    if (other === undefined) {
      throw new Refusal('not_found', {
        message: 'The new owner must be a member. Invite them first.',
        param: 'new_owner_user_id',
      });
    }
    if (other === 'owner') {
      return describe(transaction, ctx, { role: 'owner', stored: organization });
    }
    const inOrganization = eq(memberships.organizationId, organizationId);
    // First down, then up: the database never sees two owners.
    await transaction
      .update(memberships)
      .set({ role: 'admin' })
      .where(and(inOrganization, eq(memberships.role, 'owner')));
    await transaction
      .update(memberships)
      .set({ role: 'owner' })
      .where(and(inOrganization, eq(memberships.userId, newOwnerId)));
    await recordDeed(transaction, ctx, {
      action: 'organization.transfer',
      subject: organizationId,
      organizationId,
      details: { newOwnerId },
    });
    return describe(transaction, ctx, { role: 'admin', stored: organization });
  });
}
