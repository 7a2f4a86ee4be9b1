import { and, eq, isNull } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, organizations } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { retrieveOrganization } from './retrieve.ts';
import { seenAs, type Organization } from './organization.ts';

export function updateOrganization(
  ctx: Context<MemberActor>,
  { name }: { readonly name?: string | undefined },
): Promise<Organization> {
  if (name === undefined) return retrieveOrganization(ctx);
  const { organizationId, role } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const [stored] = await transaction
      .update(organizations)
      .set({ name })
      .where(and(eq(organizations.id, organizationId), isNull(organizations.deletedAt)))
      .returning();
    if (stored === undefined) throw new Refusal('not_found');
    await recordDeed(transaction, ctx, {
      action: 'organization.update',
      subject: organizationId,
      organizationId,
      details: { changed: ['name'] },
    });
    return seenAs(role, stored);
  });
}
