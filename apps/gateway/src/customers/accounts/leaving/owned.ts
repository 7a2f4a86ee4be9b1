import { and, eq, isNull } from 'drizzle-orm';
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
  return Promise.all(
    owned.map(async ({ id }) => ({
      id,
      memberCount: await transaction.$count(memberships, eq(memberships.organizationId, id)),
    })),
  );
}
