import { and, eq, isNull } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import {
  inSystem,
  sessions,
  sessionTokens,
  users,
  type Transaction,
} from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import type { AccountServices } from '../services.ts';
import { hashToken } from '../token.ts';
import { endSessionsOf } from './end-sessions.ts';
import { issueTokens, type TokenPair } from './tokens.ts';

/**
 * New tokens for an old refresh token, which serves once. One that comes again was copied: by whom, nobody can tell, so the
 * session ends for both.
 */
export function refreshSession(
  ctx: Context,
  { guard }: AccountServices,
  refreshToken: string,
): Promise<TokenPair> {
  return guard.check({ address: ctx.address }, async () => {
    const tokens = await inSystem(ctx, (transaction) => renew(transaction, ctx, refreshToken));
    if (tokens === undefined) {
      throw new Refusal('token_expired', {
        message: 'This session is over. Sign in again.',
        param: 'refresh_token',
      });
    }
    return tokens;
  });
}

/** Ends the session of the token, whatever was renewed since. Who has none is signed out already. */
export function logout(
  ctx: Context,
  { guard }: AccountServices,
  refreshToken: string,
): Promise<void> {
  return guard.check({ address: ctx.address }, () =>
    inSystem(ctx, async (transaction) => {
      const found = await lockSession(transaction, refreshToken);
      if (found === undefined) return;
      const { id: sessionId, userId } = found.session;
      await endSessionsOf(transaction, ctx, { userId, sessionId, reason: 'signed-out' });
    }),
  );
}

/** `undefined`: refused. Not thrown: what was found out about the session must be kept. */
async function renew(
  transaction: Transaction,
  ctx: Context,
  refreshToken: string,
): Promise<TokenPair | undefined> {
  const found = await lockSession(transaction, refreshToken);
  if (found === undefined) return undefined;
  const { session, token } = found;
  const now = new Date(ctx.clock());
  if (session.endedAt !== null || session.expiresAt <= now) return undefined;
  if (token.usedAt !== null) {
    const { id: sessionId, userId } = session;
    await endSessionsOf(transaction, ctx, { userId, sessionId, reason: 'token-reused' });
    return undefined;
  }
  await transaction
    .update(sessionTokens)
    .set({ usedAt: now })
    .where(eq(sessionTokens.tokenHash, token.tokenHash));
  await transaction.update(sessions).set({ lastUsedAt: now }).where(eq(sessions.id, session.id));
  return issueTokens(transaction, ctx, session);
}

/** Locked, so that of two who show the same token one comes second. */
async function lockSession(transaction: Transaction, refreshToken: string) {
  const [found] = await transaction
    .select({ session: sessions, token: sessionTokens })
    .from(sessionTokens)
    .innerJoin(sessions, eq(sessions.id, sessionTokens.sessionId))
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessionTokens.tokenHash, hashToken(refreshToken)),
        eq(sessionTokens.kind, 'refresh'),
        isNull(users.deactivatedAt),
      ),
    )
    .for('update', { of: sessionTokens });
  return found;
}
