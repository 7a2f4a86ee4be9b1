import type { Role } from '@sealgate/contract';
import { and, eq, isNull } from 'drizzle-orm';
import {
  inPerson,
  memberships,
  organizations,
  users,
  type Stored,
} from '../../platform/db/index.ts';

export interface PersonIn {
  readonly userId: string;
  /** `undefined`: the personal one. */
  readonly organizationId: string | undefined;
}

export interface RoleIn {
  readonly organizationId: string;
  readonly role: Role;
  /** The key that founded the organization. */
  readonly createdByKey: string | null;
}

/** `undefined`: the person does not belong to it, or there is no such organization. */
export async function findRole(
  store: Stored,
  { userId, organizationId }: PersonIn,
): Promise<RoleIn | undefined> {
  const [found] = await inPerson(store, userId, (transaction) =>
    transaction
      .select({
        organizationId: organizations.id,
        role: memberships.role,
        createdByKey: organizations.createdByKey,
      })
      .from(memberships)
      .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(
        and(
          eq(memberships.userId, userId),
          eq(organizations.id, organizationId ?? users.personalOrganizationId),
          isNull(organizations.deletedAt),
          isNull(users.deactivatedAt),
        ),
      ),
  );
  return found;
}
