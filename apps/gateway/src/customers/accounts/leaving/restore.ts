import { and, eq, isNotNull, isNull } from 'drizzle-orm';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { inSystem, users } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';

/** Within the grace, an operator can undo a deactivation. Sessions and keys stay ended. */
export function restoreUser(ctx: Context, email: string): Promise<void> {
  return inSystem(ctx, async (transaction) => {
    const [user] = await transaction
      .update(users)
      .set({ deactivatedAt: null, eraseAfter: null })
      .where(and(eq(users.email, email), isNotNull(users.deactivatedAt), isNull(users.erasedAt)))
      .returning({ id: users.id });
    if (user === undefined) {
      throw new Refusal('not_found', {
        message: 'There is no deactivated account of this address.',
      });
    }
    await recordDeed(transaction, ctx, {
      action: 'account.restore',
      subject: user.id,
      organizationId: null,
    });
  });
}
