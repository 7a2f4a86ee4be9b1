import { mayDo, type Action, type Role } from '@sealgate/contract';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { memberships, organizations, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { StoredOrganization } from './insert.ts';

/**
 * Until the transaction ends, nobody else changes who belongs to the organization. What was read before the lock, such as
 * the actor's role, may be old: see `rolesIn`.
 */
export async function lockMemberships(
  transaction: Transaction,
  organizationId: string,
): Promise<StoredOrganization> {
  const [organization] = await transaction
    .select()
    .from(organizations)
    .where(and(eq(organizations.id, organizationId), isNull(organizations.deletedAt)))
    .for('no key update');
  if (organization === undefined) throw new Refusal('not_found');
  return organization;
}

export interface Roles {
  readonly actor: Role;
  /** `undefined`: not a member. */
  readonly other: Role | undefined;
}

/** The roles as they are under the lock. */
export async function rolesIn(
  transaction: Transaction,
  actor: MemberActor,
  otherId: string,
): Promise<Roles> {
  const { organizationId, userId } = actor;
  const ids = userId === undefined ? [otherId] : [userId, otherId];
  const rows = await transaction
    .select({ userId: memberships.userId, role: memberships.role })
    .from(memberships)
    .where(and(eq(memberships.organizationId, organizationId), inArray(memberships.userId, ids)));
  const roleOf = (id: string): Role | undefined => rows.find((row) => row.userId === id)?.role;
  return {
    // An operator's key belongs to no member.
    actor: userId === undefined ? actor.role : (roleOf(userId) ?? 'developer'),
    other: roleOf(otherId),
  };
}

export function requireRight(role: Role, action: Action): void {
  if (mayDo(role, action)) return;
  throw new Refusal('permission_denied', {
    message: `The role "${role}" does not allow this. Ask the owner of the organization.`,
    internal: { action },
  });
}

/** What it takes to make somebody a member of this role, or no member of it any more. */
export const rightOver = (role: 'admin' | 'developer'): Action =>
  role === 'admin' ? 'admins.manage' : 'developers.manage';
