import { and, eq, inArray, isNull, or } from 'drizzle-orm';
import type { UserActor } from '../../../platform/actor.ts';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import {
  apiKeys,
  inSystem,
  invitations,
  outboxMails,
  users,
  userTokens,
  type Transaction,
} from '../../../platform/db/index.ts';
import { enqueueMail } from '../../../platform/mail/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import type { StoredUser } from '../account.ts';
import { requirePassword } from '../passwords/require.ts';
import type { AccountServices } from '../services.ts';
import { endSessionsOf } from '../sessions/end-sessions.ts';
import { ownedBy } from './owned.ts';

const GRACE_MS = 14 * 24 * 60 * 60_000;

/** Ends sessions and keys at once. Returns when the person will be erased. */
export function deactivateAccount(
  ctx: Context<UserActor>,
  services: AccountServices,
  password: string,
): Promise<Date> {
  const { userId } = ctx.actor;
  return services.guard.check({ account: userId, address: ctx.address }, async () => {
    const user = await requirePassword(ctx, services, { userId, password, param: 'password' });
    // Keys and organizations of the person are of many tenants: hence past all scopes.
    return inSystem(ctx, (transaction) => close(transaction, ctx, user));
  });
}

async function close(transaction: Transaction, ctx: Context, user: StoredUser): Promise<Date> {
  const userId = user.id;
  const now = new Date(ctx.clock());
  const eraseAfter = new Date(now.getTime() + GRACE_MS);
  const owned = await ownedBy(transaction, userId);
  if (owned.some(({ memberCount }) => memberCount > 1)) throw new Refusal('last_owner');
  await transaction
    .update(users)
    .set({ deactivatedAt: now, eraseAfter })
    .where(eq(users.id, userId));
  await endSessionsOf(transaction, ctx, { userId, reason: 'deactivated' });
  await transaction.delete(userTokens).where(eq(userTokens.userId, userId));
  await transaction.delete(outboxMails).where(eq(outboxMails.userId, userId));
  const organizationIds = owned.map(({ id }) => id);
  await revokeKeys(transaction, ctx, { userId, organizationIds });
  await transaction
    .update(invitations)
    .set({ revokedAt: now })
    .where(
      and(
        inArray(invitations.organizationId, organizationIds),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
      ),
    );
  await recordDeed(transaction, ctx, {
    action: 'account.deactivate',
    subject: userId,
    organizationId: null,
  });
  await tell(transaction, ctx, user, eraseAfter);
  return eraseAfter;
}

/** Those that the person made, and those of the organizations that nobody else belongs to. */
async function revokeKeys(
  transaction: Transaction,
  ctx: Context,
  {
    userId,
    organizationIds,
  }: { readonly userId: string; readonly organizationIds: readonly string[] },
): Promise<void> {
  const revoked = await transaction
    .update(apiKeys)
    .set({ revokedAt: new Date(ctx.clock()) })
    .where(
      and(
        isNull(apiKeys.revokedAt),
        or(eq(apiKeys.createdBy, userId), inArray(apiKeys.organizationId, [...organizationIds])),
      ),
    )
    .returning({ id: apiKeys.id, organizationId: apiKeys.organizationId });
  for (const { id, organizationId } of revoked) {
    await recordDeed(transaction, ctx, { action: 'key.revoke', subject: id, organizationId });
  }
}

async function tell(
  transaction: Transaction,
  ctx: Context,
  { id: userId, email, locale }: StoredUser,
  eraseAfter: Date,
): Promise<void> {
  if (email === null) return;
  await enqueueMail(transaction, ctx, {
    to: email,
    locale,
    userId,
    content: { template: 'account-deactivated', eraseAfter: eraseAfter.toISOString() },
  });
}
