import { and, eq, isNull } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import {
  apiKeys,
  inSystem,
  memberships,
  users,
  violates,
  type Transaction,
} from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { refuseWeakPassword } from './passwords/refuse-weak.ts';
import { createPasswords } from './passwords/passwords.ts';
import {
  insertInto,
  insertUser,
  type FoundPersonalOrganization,
  type Registration,
} from './register.ts';

export interface UserCreation {
  readonly foundOrganization: FoundPersonalOrganization;
  /** What the first start has created: it becomes the person's own if it is nobody's yet. */
  readonly firstOrganizationId: string | undefined;
}

export interface CreatedUser {
  readonly id: string;
  readonly hasAdopted: boolean;
}

/** By an operator, who vouches for the address. The first one takes over the organization of the first start and its keys. */
export async function createUser(
  ctx: Context,
  { foundOrganization, firstOrganizationId }: UserCreation,
  { password, ...registration }: Registration,
): Promise<CreatedUser> {
  refuseWeakPassword(password, { param: 'password', email: registration.email });
  const newcomer = { ...registration, passwordHash: await createPasswords().hash(password) };
  const work = inSystem(ctx, async (transaction) => {
    const adopted = await findOrphan(transaction, firstOrganizationId);
    const id = adopted === undefined ? undefined : ctx.newId('user');
    const userId = id ?? (await insertUser(transaction, ctx, foundOrganization, newcomer));
    if (adopted !== undefined) {
      await adopt(transaction, ctx, { userId, organizationId: adopted });
      await insertInto(transaction, ctx, { ...newcomer, userId, organizationId: adopted });
    }
    await transaction
      .update(users)
      .set({ emailVerifiedAt: new Date(ctx.clock()), eraseAfter: null })
      .where(eq(users.id, userId));
    return { id: userId, hasAdopted: adopted !== undefined };
  });
  return work.catch((error: unknown) => {
    if (!violates(error, 'users_email_unique')) throw error;
    throw new Refusal('conflict', { message: 'This address has an account already.' });
  });
}

async function findOrphan(
  transaction: Transaction,
  organizationId: string | undefined,
): Promise<string | undefined> {
  if (organizationId === undefined) return undefined;
  const members = await transaction.$count(
    memberships,
    eq(memberships.organizationId, organizationId),
  );
  return members === 0 ? organizationId : undefined;
}

async function adopt(
  transaction: Transaction,
  ctx: Context,
  { userId, organizationId }: { readonly userId: string; readonly organizationId: string },
): Promise<void> {
  await transaction.insert(memberships).values({
    id: ctx.newId('membership'),
    organizationId,
    userId,
    role: 'owner',
    createdAt: new Date(ctx.clock()),
  });
  await transaction
    .update(apiKeys)
    .set({ createdBy: userId })
    .where(and(eq(apiKeys.organizationId, organizationId), isNull(apiKeys.createdBy)));
  await recordDeed(transaction, ctx, {
    action: 'organization.adopt',
    subject: organizationId,
    organizationId,
    details: { userId },
  });
}
