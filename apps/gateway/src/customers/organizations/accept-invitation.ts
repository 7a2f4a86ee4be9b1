import { eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { UserActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import {
  inSystem,
  inTenant,
  invitations,
  memberships,
  users,
  type Transaction,
} from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { hashToken } from '../accounts/index.ts';
import { seenAt, type StoredInvitation } from './invitation.ts';
import { lockMemberships, rolesIn } from './membership.ts';
import { describe, type Organization } from './organization.ts';

/** Makes the person a member. Who accepts twice is one member, and answered as the first time. */
export async function acceptInvitation(
  ctx: Context<UserActor>,
  { token }: { readonly token: string },
): Promise<Organization> {
  const isThis = eq(invitations.tokenHash, hashToken(token));
  const [found] = await inSystem(ctx, (transaction) =>
    transaction
      .select({ organizationId: invitations.organizationId })
      .from(invitations)
      .where(isThis),
  );
  if (found === undefined) throw new Refusal('not_found');
  const { organizationId } = found;
  const { userId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const organization = await lockMemberships(transaction, organizationId);
    const [invitation] = await transaction.select().from(invitations).where(isThis);
    if (invitation === undefined) throw new Refusal('not_found');
    await refuseStranger(transaction, userId, invitation);
    const there = await rolesIn(transaction, { ...ctx.actor, organizationId }, userId);
    if (invitation.acceptedBy === userId && there.other !== undefined) {
      return describe(transaction, ctx, { role: there.other, stored: organization });
    }
    if (seenAt(ctx.clock(), invitation).status !== 'pending') throw new Refusal('not_found');
    const now = new Date(ctx.clock());
    await transaction
      .update(invitations)
      .set({ acceptedAt: now, acceptedBy: userId })
      .where(isThis);
    if (there.other !== undefined) {
      return describe(transaction, ctx, { role: there.other, stored: organization });
    }
    const { id, role } = invitation;
    await transaction.insert(memberships).values({
      id: ctx.newId('membership'),
      organizationId,
      userId,
      role,
      createdAt: now,
    });
    await recordDeed(transaction, ctx, {
      action: 'member.join',
      subject: userId,
      organizationId,
      details: { role, invitationId: id },
    });
    return describe(transaction, ctx, { role, stored: organization });
  });
}

/** A link that was passed on, or read by somebody else, is no invitation. */
async function refuseStranger(
  transaction: Transaction,
  userId: string,
  { email }: StoredInvitation,
): Promise<void> {
  const [user] = await transaction
    .select({ email: users.email })
    .from(users)
    .where(eq(users.id, userId));
  if (user?.email != null && user.email === email) return;
  throw new Refusal('permission_denied', {
    message: 'This invitation is for another e-mail address. Sign in with the account it names.',
  });
}
