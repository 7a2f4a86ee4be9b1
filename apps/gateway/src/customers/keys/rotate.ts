import { eq } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { apiKeys, inTenant } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { refuseLimitedKey } from '../billing/index.ts';
import { takeKey } from './authority.ts';
import type { IssuedKey } from './create.ts';
import { SHOWN_COLUMNS, statusOf, type KeyReference } from './key.ts';
import { mintSecret } from './secret.ts';
import { withSpend } from './spend.ts';

/** Gives the key a new secret; the old one stays good for the grace. A limited key may do this to itself only. */
export function rotateKey(
  ctx: Context,
  reference: KeyReference,
  { graceSeconds }: { readonly graceSeconds: number },
): Promise<IssuedKey> {
  return inTenant(ctx, reference.organizationId, async (transaction) => {
    const stored = await takeKey(transaction, ctx, reference);
    await refuseLimitedKey(transaction, ctx.actor, stored);
    const nowMs = ctx.clock();
    const status = statusOf(stored, nowMs);
    if (status !== 'active') {
      throw new Refusal('conflict', {
        message: `This key is ${status}: a new secret is of no use.`,
      });
    }
    const { secret, prefix, hash } = mintSecret();
    const rotated = await transaction
      .update(apiKeys)
      .set({
        secretHash: hash,
        prefix,
        previousSecretHash: stored.secretHash,
        previousSecretEndsAt: new Date(nowMs + graceSeconds * 1_000),
      })
      .where(eq(apiKeys.id, stored.id))
      .returning(SHOWN_COLUMNS);
    await recordDeed(transaction, ctx, {
      action: 'key.rotate',
      subject: stored.id,
      organizationId: stored.organizationId,
      details: { graceSeconds },
    });
    const [key] = await withSpend(transaction, ctx, rotated);
    if (key === undefined) throw new Error('impossible: a key that is held was lost');
    return { key, secret, signingSecret: undefined };
  });
}
