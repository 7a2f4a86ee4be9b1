import { and, eq, isNull, sql } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import {
  apiKeys,
  conversations,
  feedback,
  inTenant,
  invitations,
  memberships,
  organizations,
  paymentProfiles,
  providerKeys,
  routingDecisions,
} from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { NO_WEBHOOK } from '../billing/index.ts';
import { lockMemberships, requireRight, rolesIn } from './membership.ts';

/** Ledger, usage and record stay, under an organization that nobody belongs to. */
export function deleteOrganization(ctx: Context<MemberActor>): Promise<void> {
  const { organizationId: id, userId = '' } = ctx.actor;
  return inTenant(ctx, id, async (transaction) => {
    const { kind } = await lockMemberships(transaction, id);
    const { actor } = await rolesIn(transaction, ctx.actor, userId);
    requireRight(actor, 'organization.delete');
    if (kind === 'personal') {
      throw new Refusal('conflict', {
        message: 'A personal organization goes with its account. Deactivate the account instead.',
      });
    }
    const now = new Date(ctx.clock());
    await transaction
      .update(organizations)
      .set({ deletedAt: now, ...NO_WEBHOOK })
      .where(eq(organizations.id, id));
    await transaction
      .update(apiKeys)
      .set({ revokedAt: now })
      .where(and(eq(apiKeys.organizationId, id), isNull(apiKeys.revokedAt)));
    await transaction.delete(providerKeys).where(eq(providerKeys.organizationId, id));
    await transaction
      .update(paymentProfiles)
      .set({ paymentMethodId: null, paymentMethodName: null })
      .where(eq(paymentProfiles.organizationId, id));
    await transaction.delete(memberships).where(eq(memberships.organizationId, id));
    await transaction.delete(invitations).where(eq(invitations.organizationId, id));
    await transaction.execute(sql`select forget_cached_answers(${sql.param([id])}::text[], '{}')`);
    await transaction.delete(conversations).where(eq(conversations.organizationId, id));
    await transaction
      .update(feedback)
      .set({ comment: null, tags: [] })
      .where(eq(feedback.organizationId, id));
    await transaction
      .update(routingDecisions)
      .set({ features: null, conversation: null })
      .where(eq(routingDecisions.organizationId, id));
    await recordDeed(transaction, ctx, {
      action: 'organization.delete',
      subject: id,
      organizationId: id,
    });
  });
}
