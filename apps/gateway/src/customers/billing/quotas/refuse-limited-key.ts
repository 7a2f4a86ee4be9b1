import { eq } from 'drizzle-orm';
import type { Actor } from '../../../platform/actor.ts';
import { apiKeys, type Transaction } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';

/**
 * Whoever finds a key that is limited must be able neither to make it, or another one, unlimited nor to end the others, nor
 * to change what is spent or told. `exceptFor`: the key that it may do this to, if it is that key itself.
 */
export async function refuseLimitedKey(
  transaction: Transaction,
  actor: Actor,
  exceptFor?: { readonly id: string },
): Promise<void> {
  if (actor.kind !== 'key' || actor.keyId === exceptFor?.id) return;
  // A key that acts in an organization that it founded is not seen from there, and can take nothing with it.
  const [acting] = await transaction.select().from(apiKeys).where(eq(apiKeys.id, actor.keyId));
  if (acting === undefined || !isLimited(acting)) return;
  throw new Refusal('permission_denied', {
    message:
      'This key is limited itself, so it manages neither keys nor limits. Sign in, or use a key without limits.',
  });
}

const isLimited = (key: typeof apiKeys.$inferSelect): boolean =>
  key.monthlySpendCapNano !== null ||
  key.allowedModels !== null ||
  key.ipAllowList !== null ||
  key.expiresAt !== null ||
  key.geoPolicy !== 'any';
