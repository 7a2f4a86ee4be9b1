import type { Role } from '@sealgate/contract';
import { and, asc, eq, isNull } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import {
  inSystem,
  memberships,
  organizations,
  totpSecrets,
  users,
  type Stored,
  type Transaction,
} from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';

export type StoredUser = typeof users.$inferSelect;
export type Locale = StoredUser['locale'];

/** A person as they see themselves. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  readonly fullName: string | null;
  readonly locale: Locale;
  readonly hasSecondFactor: boolean;
  readonly createdAt: Date;
  /** The oldest first. */
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: 'personal' | 'team';
    readonly role: Role;
  }[];
}

const MAX_ORGANIZATIONS = 100;

/** Whose address it is says the row: hence past all scopes. */
export async function findByEmail(store: Stored, email: string): Promise<StoredUser | undefined> {
  const [user] = await inSystem(store, (transaction) =>
    transaction.select().from(users).where(eq(users.email, email)),
  );
  return user;
}

export async function readUser(transaction: Transaction, userId: string): Promise<StoredUser> {
  const [user] = await transaction.select().from(users).where(eq(users.id, userId));
  if (user === undefined) throw new Error('impossible: somebody acts who does not exist');
  return user;
}

export async function accountOf(transaction: Transaction, user: StoredUser): Promise<Account> {
  const [secret] = await transaction
    .select({ confirmedAt: totpSecrets.confirmedAt })
    .from(totpSecrets)
    .where(eq(totpSecrets.userId, user.id));
  return {
    id: user.id,
    email: user.email ?? '',
    isEmailVerified: user.emailVerifiedAt !== null,
    fullName: user.fullName,
    locale: user.locale,
    hasSecondFactor: secret?.confirmedAt != null,
    createdAt: user.createdAt,
    organizations: await transaction
      .select({
        id: organizations.id,
        name: organizations.name,
        kind: organizations.kind,
        role: memberships.role,
      })
      .from(memberships)
      .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
      .where(and(eq(memberships.userId, user.id), isNull(organizations.deletedAt)))
      .orderBy(asc(organizations.id))
      .limit(MAX_ORGANIZATIONS),
  };
}

/** A key acts for the person who made it. */
export function personOf(actor: MemberActor): string {
  if (actor.userId !== undefined) return actor.userId;
  throw new Refusal('permission_denied', {
    message:
      'This key was made by the operator and acts for no account. The operator makes one with "sealgate users create".',
  });
}
