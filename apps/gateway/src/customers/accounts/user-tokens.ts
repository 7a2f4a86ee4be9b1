import { and, eq, gt, isNull } from 'drizzle-orm';
import type { Context } from '../../platform/context.ts';
import { users, userTokens, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Secret } from '../../platform/secret.ts';
import type { StoredUser } from './account.ts';
import { hashToken, mintToken } from './token.ts';

export type Purpose = (typeof userTokens.$inferSelect)['purpose'];

const VALID_MS: Readonly<Record<Purpose, number>> = {
  'verify-email': 24 * 60 * 60_000,
  'reset-password': 30 * 60_000,
};

/** A link for a mail. Older ones of the same purpose end. */
export async function replaceUserToken(
  transaction: Transaction,
  ctx: Context,
  { userId, purpose }: { readonly userId: string; readonly purpose: Purpose },
): Promise<Secret> {
  const { token, hash } = mintToken();
  const now = ctx.clock();
  await transaction
    .delete(userTokens)
    .where(and(eq(userTokens.userId, userId), eq(userTokens.purpose, purpose)));
  await transaction.insert(userTokens).values({
    tokenHash: hash,
    userId,
    purpose,
    createdAt: new Date(now),
    expiresAt: new Date(now + VALID_MS[purpose]),
  });
  return token;
}

/** Takes the token, which serves once, and tells whose it was. */
export async function takeUserToken(
  transaction: Transaction,
  ctx: Context,
  { token, purpose }: { readonly token: string; readonly purpose: Purpose },
): Promise<StoredUser> {
  const now = new Date(ctx.clock());
  const [taken] = await transaction
    .update(userTokens)
    .set({ usedAt: now })
    .where(
      and(
        eq(userTokens.tokenHash, hashToken(token)),
        eq(userTokens.purpose, purpose),
        isNull(userTokens.usedAt),
        gt(userTokens.expiresAt, now),
      ),
    )
    .returning({ userId: userTokens.userId });
  const [user] =
    taken === undefined
      ? []
      : await transaction
          .select()
          .from(users)
          .where(and(eq(users.id, taken.userId), isNull(users.deactivatedAt)))
          .for('update');
  if (user === undefined) {
    throw new Refusal('token_expired', {
      message: 'This link was used already or is too old. Ask for another.',
      param: 'token',
    });
  }
  return user;
}
