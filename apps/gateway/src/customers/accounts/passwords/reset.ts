import { eq } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { inSystem, users } from '../../../platform/db/index.ts';
import type { AccountServices } from '../services.ts';
import { takeUserToken } from '../user-tokens.ts';
import { refuseWeakPassword } from './refuse-weak.ts';
import { setPassword } from './set.ts';

export interface PasswordReset {
  readonly token: string;
  readonly newPassword: string;
}

/** Ends all sessions. Who has the link has the mailbox: the address is confirmed thereby. */
export function resetPassword(
  ctx: Context,
  { guard, passwords }: AccountServices,
  { token, newPassword }: PasswordReset,
): Promise<void> {
  refuseWeakPassword(newPassword, { param: 'new_password' });
  return guard.check({ address: ctx.address }, async () => {
    const passwordHash = await passwords.hash(newPassword);
    // Whose link it is says the row: hence past all scopes.
    await inSystem(ctx, async (transaction) => {
      const user = await takeUserToken(transaction, ctx, { token, purpose: 'reset-password' });
      await transaction
        .update(users)
        .set({ emailVerifiedAt: user.emailVerifiedAt ?? new Date(ctx.clock()), eraseAfter: null })
        .where(eq(users.id, user.id));
      await setPassword(transaction, ctx, user, { passwordHash });
    });
  });
}
