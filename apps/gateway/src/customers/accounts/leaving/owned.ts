import { and, count, eq, inArray, isNull } from 'drizzle-orm';
import { memberships, organizations, type Transaction } from '../../../platform/db/index.ts';

export interface OwnedOrganization {
  readonly id: string;
  readonly memberCount: number;
}

/** Call it past all scopes: one person's scope does not show the other members. Locked until the transaction ends. */
export async function ownedBy(
  transaction: Transaction,
  userId: string,
): Promise<readonly OwnedOrganization[]> {
  const owned = await transaction
    .select({ id: organizations.id })
    .from(organizations)
    .innerJoin(memberships, eq(memberships.organizationId, organizations.id))
    .where(
      and(
        eq(memberships.userId, userId),
        eq(memberships.role, 'owner'),
        isNull(organizations.deletedAt),
      ),
    )
    .for('update', { of: organizations });
  const counts = await transaction
    .select({ id: memberships.organizationId, memberCount: count() })
    .from(memberships)
    .where(
      inArray(
        memberships.organizationId,
        owned.map(({ id }) => id),
      ),
    )
    .groupBy(memberships.organizationId);
  const countOf = new Map(counts.map(({ id, memberCount }) => [id, memberCount]));
  return owned.map(({ id }) => ({ id, memberCount: countOf.get(id) ?? 0 }));
}
