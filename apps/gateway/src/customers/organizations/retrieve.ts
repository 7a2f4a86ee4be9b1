import { and, eq, isNull } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, organizations } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { seenAs, type Organization } from './organization.ts';

/** The organization that the actor acts in. */
export async function retrieveOrganization(ctx: Context<MemberActor>): Promise<Organization> {
  const { organizationId, role } = ctx.actor;
  const [stored] = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(organizations)
      .where(and(eq(organizations.id, organizationId), isNull(organizations.deletedAt))),
  );
  if (stored === undefined) throw new Refusal('not_found');
  return seenAs(role, stored);
}
