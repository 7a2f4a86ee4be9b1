import type { Role } from '@sealgate/contract';
import { and, asc, eq, gt } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, memberships, users, type Transaction } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';

export interface Member {
  /** Of the membership. */
  readonly id: string;
  readonly userId: string;
  readonly email: string | null;
  readonly fullName: string | null;
  readonly role: Role;
  readonly joinedAt: Date;
}

/** In the order of joining. */
export async function listMembers(
  ctx: Context<MemberActor>,
  page: PageRequest,
): Promise<Page<Member>> {
  const { organizationId } = ctx.actor;
  const rows = await inTenant(ctx, organizationId, (transaction) =>
    selectMembers(transaction)
      .where(
        and(
          eq(memberships.organizationId, organizationId),
          page.after === undefined ? undefined : gt(memberships.id, page.after),
        ),
      )
      .orderBy(asc(memberships.id))
      .limit(page.limit + 1),
  );
  return cutPage(rows, page);
}

export const selectMembers = (transaction: Transaction) =>
  transaction
    .select({
      id: memberships.id,
      userId: memberships.userId,
      email: users.email,
      fullName: users.fullName,
      role: memberships.role,
      joinedAt: memberships.createdAt,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId));
