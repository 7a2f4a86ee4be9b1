import { and, eq, isNull, ne } from 'drizzle-orm';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { sessions, type Transaction } from '../../../platform/db/index.ts';

export interface SessionsToEnd {
  readonly userId: string;
  readonly reason: NonNullable<(typeof sessions.$inferSelect)['endReason']>;
  /** Only this one. */
  readonly sessionId?: string | undefined;
  /** All but this one. */
  readonly exceptId?: string | undefined;
}

/** Their tokens are refused from now on. Returns how many ended. */
export async function endSessionsOf(
  transaction: Transaction,
  ctx: Context,
  { userId, reason, sessionId, exceptId }: SessionsToEnd,
): Promise<number> {
  const ended = await transaction
    .update(sessions)
    .set({ endedAt: new Date(ctx.clock()), endReason: reason })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.endedAt),
        sessionId === undefined ? undefined : eq(sessions.id, sessionId),
        exceptId === undefined ? undefined : ne(sessions.id, exceptId),
      ),
    )
    .returning({ id: sessions.id });
  for (const { id } of ended) {
    await recordDeed(transaction, ctx, {
      action: 'session.end',
      subject: id,
      organizationId: null,
      details: { userId, reason },
    });
  }
  return ended.length;
}
