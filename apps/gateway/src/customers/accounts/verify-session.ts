import { and, eq } from 'drizzle-orm';
import type { Clock } from '../../platform/clock.ts';
import { inSystem, sessions, sessionTokens, users, type Stored } from '../../platform/db/index.ts';
import type { SessionVerdict, SessionVerifier } from './session.ts';
import { hashToken, isTokenShaped } from './token.ts';

/** Asks the database each time: a session that was ended is refused at once. */
export function createSessionVerifier(
  options: Stored & { readonly clock: Clock },
): SessionVerifier {
  return {
    verify: async (token) => {
      if (!isTokenShaped(token)) return { kind: 'unknown' };
      const [row] = await inSystem(options, (transaction) =>
        transaction
          .select({
            id: sessions.id,
            userId: sessions.userId,
            endedAt: sessions.endedAt,
            deactivatedAt: users.deactivatedAt,
            expiresAt: sessionTokens.expiresAt,
          })
          .from(sessionTokens)
          .innerJoin(sessions, eq(sessions.id, sessionTokens.sessionId))
          .innerJoin(users, eq(users.id, sessions.userId))
          .where(
            and(eq(sessionTokens.tokenHash, hashToken(token)), eq(sessionTokens.kind, 'access')),
          ),
      );
      return verdictOf(row, options.clock());
    },
  };
}

interface FoundSession {
  readonly id: string;
  readonly userId: string;
  readonly endedAt: Date | null;
  readonly deactivatedAt: Date | null;
  readonly expiresAt: Date;
}

function verdictOf(row: FoundSession | undefined, nowMs: number): SessionVerdict {
  if (row === undefined) return { kind: 'unknown' };
  const isOver = row.endedAt !== null || row.deactivatedAt !== null;
  if (isOver || row.expiresAt.getTime() <= nowMs) return { kind: 'expired' };
  return { kind: 'valid', session: { id: row.id, userId: row.userId } };
}
