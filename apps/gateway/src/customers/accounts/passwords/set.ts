import { eq } from 'drizzle-orm';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { users, type Transaction } from '../../../platform/db/index.ts';
import { enqueueMail } from '../../../platform/mail/index.ts';
import type { StoredUser } from '../account.ts';
import { endSessionsOf } from '../sessions/end-sessions.ts';

export interface PasswordToSet {
  readonly passwordHash: string;
  /** The session that goes on. */
  readonly exceptId?: string | undefined;
}

/** Ends other sessions and tells the person. */
export async function setPassword(
  transaction: Transaction,
  ctx: Context,
  { id: userId, email, locale }: StoredUser,
  { passwordHash, exceptId }: PasswordToSet,
): Promise<void> {
  await transaction
    .update(users)
    .set({ passwordHash, passwordChangedAt: new Date(ctx.clock()) })
    .where(eq(users.id, userId));
  await endSessionsOf(transaction, ctx, { userId, exceptId, reason: 'password-changed' });
  await recordDeed(transaction, ctx, {
    action: 'account.change-password',
    subject: userId,
    organizationId: null,
  });
  if (email === null) return;
  await enqueueMail(transaction, ctx, {
    to: email,
    locale,
    userId,
    content: { template: 'password-changed' },
  });
}
