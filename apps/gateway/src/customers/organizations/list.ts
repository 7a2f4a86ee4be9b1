import { and, asc, eq, gt, isNull, or } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inPerson, inTenant, memberships, organizations } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';
import { describeAll, type Organization } from './organization.ts';

/** The oldest first. A key sees its own organization and those that it founded. */
export async function listOrganizations(
  ctx: Context<MemberActor>,
  page: PageRequest,
): Promise<Page<Organization>> {
  const { actor } = ctx;
  const { userId } = actor;
  if (userId === undefined) return ownOrganization(ctx);
  const isWithinReach =
    actor.kind === 'key'
      ? or(eq(organizations.id, actor.organizationId), eq(organizations.createdByKey, actor.keyId))
      : undefined;
  return inPerson(ctx, userId, async (transaction) => {
    const rows = await transaction
      .select({ stored: organizations, role: memberships.role })
      .from(memberships)
      .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
      .where(
        and(
          eq(memberships.userId, userId),
          isNull(organizations.deletedAt),
          isWithinReach,
          page.after === undefined ? undefined : gt(organizations.id, page.after),
        ),
      )
      .orderBy(asc(organizations.id))
      .limit(page.limit + 1);
    return cutPage(await describeAll(transaction, ctx, rows), page);
  });
}

async function ownOrganization(ctx: Context<MemberActor>): Promise<Page<Organization>> {
  const { organizationId, role } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const rows = await transaction
      .select({ stored: organizations })
      .from(organizations)
      .where(eq(organizations.id, organizationId));
    const all = rows.map(({ stored }) => ({ role, stored }));
    return { entries: await describeAll(transaction, ctx, all), nextCursor: undefined };
  });
}
