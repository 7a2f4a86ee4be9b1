import { and, eq, isNull } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, organizations } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { describe, type Organization } from './organization.ts';

/** The organization that the actor acts in. */
export function retrieveOrganization(ctx: Context<MemberActor>): Promise<Organization> {
  const { organizationId, role } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const [stored] = await transaction
      .select()
      .from(organizations)
      .where(and(eq(organizations.id, organizationId), isNull(organizations.deletedAt)));
    if (stored === undefined) throw new Refusal('not_found');
    return describe(transaction, ctx, { role, stored });
  });
}
