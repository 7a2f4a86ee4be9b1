import { and, desc, eq, gt, isNull, lt } from 'drizzle-orm';
import type { UserActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { inPerson, sessions } from '../../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../../platform/page.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { endSessionsOf } from './end-sessions.ts';

export type ListedSession = typeof sessions.$inferSelect;

/** Those that are not over, the newest first. */
export async function listSessions(
  ctx: Context<UserActor>,
  page: PageRequest,
): Promise<Page<ListedSession>> {
  const { userId } = ctx.actor;
  const rows = await inPerson(ctx, userId, (transaction) =>
    transaction
      .select()
      .from(sessions)
      .where(
        and(
          eq(sessions.userId, userId),
          isNull(sessions.endedAt),
          gt(sessions.expiresAt, new Date(ctx.clock())),
          page.after === undefined ? undefined : lt(sessions.id, page.after),
        ),
      )
      .orderBy(desc(sessions.id))
      .limit(page.limit + 1),
  );
  return cutPage(rows, page);
}

export function endSession(ctx: Context<UserActor>, sessionId: string): Promise<void> {
  const { userId } = ctx.actor;
  return inPerson(ctx, userId, async (transaction) => {
    const isOurs = and(eq(sessions.id, sessionId), eq(sessions.userId, userId));
    if ((await transaction.$count(sessions, isOurs)) === 0) throw new Refusal('not_found');
    await endSessionsOf(transaction, ctx, { userId, sessionId, reason: 'signed-out' });
  });
}
