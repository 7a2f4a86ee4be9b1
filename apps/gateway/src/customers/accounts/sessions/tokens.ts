import type { Context } from '../../../platform/context.ts';
import { sessionTokens, type Transaction } from '../../../platform/db/index.ts';
import type { Secret } from '../../../platform/secret.ts';
import { mintToken } from '../token.ts';

export interface TokenPair {
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
  readonly expiresInSeconds: number;
  readonly sessionEndsInSeconds: number;
}

const ACCESS_MS = 15 * 60_000;

/** Access tokens of before stay good until they end by themselves: requests may be on their way. */
export async function issueTokens(
  transaction: Transaction,
  ctx: Context,
  session: { readonly id: string; readonly expiresAt: Date },
): Promise<TokenPair> {
  const [access, refresh] = [mintToken(), mintToken()];
  const now = ctx.clock();
  const sessionMs = session.expiresAt.getTime() - now;
  const lifetimeMs = Math.min(ACCESS_MS, sessionMs);
  const row = { sessionId: session.id, createdAt: new Date(now) };
  await transaction.insert(sessionTokens).values([
    { ...row, tokenHash: access.hash, kind: 'access', expiresAt: new Date(now + lifetimeMs) },
    { ...row, tokenHash: refresh.hash, kind: 'refresh', expiresAt: session.expiresAt },
  ]);
  return {
    accessToken: access.token,
    refreshToken: refresh.token,
    expiresInSeconds: Math.floor(lifetimeMs / 1000),
    sessionEndsInSeconds: Math.floor(sessionMs / 1000),
  };
}
