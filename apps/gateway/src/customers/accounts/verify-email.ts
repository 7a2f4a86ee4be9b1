import { eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inSystem, users } from '../../platform/db/index.ts';
import type { AccountServices } from './services.ts';
import { takeUserToken } from './user-tokens.ts';

/** From now on the person can sign in. */
export function verifyEmail(
  ctx: Context,
  { guard }: AccountServices,
  token: string,
): Promise<void> {
  return guard.check({ address: ctx.address }, () =>
    // Whose link it is says the row: hence past all scopes.
    inSystem(ctx, async (transaction) => {
      const { id } = await takeUserToken(transaction, ctx, { token, purpose: 'verify-email' });
      await transaction
        .update(users)
        .set({ emailVerifiedAt: new Date(ctx.clock()), eraseAfter: null })
        .where(eq(users.id, id));
      await recordDeed(transaction, ctx, {
        action: 'account.verify-email',
        subject: id,
        organizationId: null,
      });
    }),
  );
}
