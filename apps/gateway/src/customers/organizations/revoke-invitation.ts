import { and, eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, invitations } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { requireRight, rightOver } from './membership.ts';

/** Its link opens nothing from now on. Revoking again changes nothing. */
export function revokeInvitation(
  ctx: Context<MemberActor>,
  { id }: { readonly id: string },
): Promise<void> {
  const { organizationId, role } = ctx.actor;
  const isThis = and(eq(invitations.organizationId, organizationId), eq(invitations.id, id));
  return inTenant(ctx, organizationId, async (transaction) => {
    const [stored] = await transaction.select().from(invitations).where(isThis).for('update');
    if (stored === undefined) throw new Refusal('not_found');
    requireRight(role, rightOver(stored.role));
    if (stored.acceptedAt !== null) {
      throw new Refusal('conflict', {
        message: 'This invitation is accepted already. Remove the member instead.',
      });
    }
    if (stored.revokedAt !== null) return;
    await transaction
      .update(invitations)
      .set({ revokedAt: new Date(ctx.clock()) })
      .where(isThis);
    await recordDeed(transaction, ctx, {
      action: 'invitation.revoke',
      subject: id,
      organizationId,
    });
  });
}
