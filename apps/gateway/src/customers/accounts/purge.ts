import { and, isNotNull, isNull, lt, or } from 'drizzle-orm';
import type { Context } from '../../platform/context.ts';
import {
  cachedAnswers,
  idempotencyKeys,
  inSystem,
  outboxMails,
  sessions,
  sessionTokens,
  totpSecrets,
  userTokens,
} from '../../platform/db/index.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Deletes what has served, of everybody: hence past all scopes. */
export function purge(ctx: Context): Promise<void> {
  const daysAgo = (days: number): Date => new Date(ctx.clock() - days * DAY_MS);
  return inSystem(ctx, async (transaction) => {
    await transaction
      .delete(sessions)
      .where(or(lt(sessions.expiresAt, daysAgo(30)), lt(sessions.endedAt, daysAgo(30))));
    // An access token that has just ended should be told so, not that it is unknown. Used refresh tokens stay with their
    // session: only they tell that one comes again.
    await transaction.delete(sessionTokens).where(lt(sessionTokens.expiresAt, daysAgo(1)));
    await transaction
      .delete(userTokens)
      .where(or(lt(userTokens.expiresAt, daysAgo(1)), isNotNull(userTokens.usedAt)));
    await transaction
      .delete(totpSecrets)
      .where(and(isNull(totpSecrets.confirmedAt), lt(totpSecrets.createdAt, daysAgo(1))));
    await transaction.delete(idempotencyKeys).where(lt(idempotencyKeys.expiresAt, daysAgo(0)));
    await transaction.delete(cachedAnswers).where(lt(cachedAnswers.expiresAt, daysAgo(0)));
    // The job has given up on these.
    await transaction.delete(outboxMails).where(lt(outboxMails.createdAt, daysAgo(3)));
  });
}
