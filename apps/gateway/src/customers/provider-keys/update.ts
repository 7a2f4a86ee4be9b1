import { eq } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, providerKeys } from '../../platform/db/index.ts';
import { refuseLimitedKey } from '../billing/index.ts';
import type { ProviderDirectory } from './directory.ts';
import { describe, takeProviderKey, type ProviderKey } from './provider-key.ts';

/** What is `undefined` stays. */
export interface ProviderKeyChange {
  readonly label?: string | undefined;
  readonly isFallbackAllowed?: boolean | undefined;
}

export function updateProviderKey(
  ctx: Context<MemberActor>,
  directory: ProviderDirectory,
  { id, label, isFallbackAllowed }: ProviderKeyChange & { readonly id: string },
): Promise<ProviderKey> {
  const { organizationId } = ctx.actor;
  const columns = {
    ...(label !== undefined && { label }),
    ...(isFallbackAllowed !== undefined && { isFallbackAllowed }),
  };
  const fields = Object.keys(columns);
  return inTenant(ctx, organizationId, async (transaction) => {
    const before = await takeProviderKey(transaction, ctx, id);
    await refuseLimitedKey(transaction, ctx.actor);
    if (fields.length === 0) return describe(ctx, directory, before);
    const [stored] = await transaction
      .update(providerKeys)
      .set(columns)
      .where(eq(providerKeys.id, id))
      .returning();
    if (stored === undefined) throw new Error('impossible: a row that is held was lost');
    // Who lets requests be paid for by the wallet again is what a record is for.
    await recordDeed(transaction, ctx, {
      action: 'provider_key.update',
      subject: id,
      organizationId,
      details: {
        fields,
        ...(isFallbackAllowed !== undefined && {
          fallback: { from: before.isFallbackAllowed, to: isFallbackAllowed },
        }),
      },
    });
    return describe(ctx, directory, stored);
  });
}
