import { nanoUsd, type NanoUsd, type Role } from '@sealgate/contract';
import { and, asc, eq, gt } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, memberships, users, type Transaction } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';
import { readSpent } from '../billing/index.ts';

export interface Member {
  /** Of the membership. */
  readonly id: string;
  readonly userId: string;
  readonly email: string | null;
  readonly fullName: string | null;
  readonly role: Role;
  /** `null`: no quota. */
  readonly monthlySpendQuotaNano: NanoUsd | null;
  /** By the keys that act for them. */
  readonly spendThisMonthNano: NanoUsd;
  readonly joinedAt: Date;
}

/** In the order of joining. */
export function listMembers(ctx: Context<MemberActor>, page: PageRequest): Promise<Page<Member>> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const rows = await selectMembers(transaction)
      .where(
        and(
          eq(memberships.organizationId, organizationId),
          page.after === undefined ? undefined : gt(memberships.id, page.after),
        ),
      )
      .orderBy(asc(memberships.id))
      .limit(page.limit + 1);
    return cutPage(await withSpend(transaction, ctx, organizationId, rows), page);
  });
}

type StoredMember = Omit<Member, 'monthlySpendQuotaNano' | 'spendThisMonthNano'> & {
  readonly monthlySpendQuotaNano: bigint | null;
};

export const selectMembers = (transaction: Transaction) =>
  transaction
    .select({
      id: memberships.id,
      userId: memberships.userId,
      email: users.email,
      fullName: users.fullName,
      role: memberships.role,
      monthlySpendQuotaNano: memberships.monthlySpendQuotaNano,
      joinedAt: memberships.createdAt,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId));

/** Adds what each has spent since the month began. All are of this organization. */
export async function withSpend(
  transaction: Transaction,
  ctx: Pick<Context, 'clock'>,
  organizationId: string,
  members: readonly StoredMember[],
): Promise<Member[]> {
  const spentBy = await readSpent(transaction, ctx, {
    organizationIds: [organizationId],
    scope: 'member',
    subjects: members.map(({ userId }) => userId),
  });
  return members.map(({ monthlySpendQuotaNano: quota, ...member }) => ({
    ...member,
    monthlySpendQuotaNano: quota === null ? null : nanoUsd(quota),
    spendThisMonthNano: spentBy(member.userId),
  }));
}
