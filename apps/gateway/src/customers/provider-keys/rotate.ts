import { eq, sql } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, providerKeys } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Secret } from '../../platform/secret.ts';
import { PURPOSES } from '../../platform/vault-purposes.ts';
import { refuseLimitedKey } from '../billing/index.ts';
import { askAboutNew, namesIn, type ProviderKeyServices } from './checking.ts';
import { lastFourOf, type CheckedProviderKey } from './create.ts';
import type { Provider } from './directory.ts';
import {
  describe,
  findProviderKey,
  takeProviderKey,
  type StoredProviderKey,
} from './provider-key.ts';

/** Puts another secret in the place of the old one, which is not used any more from then on. */
export async function rotateProviderKey(
  ctx: Context<MemberActor>,
  services: ProviderKeyServices,
  { id, secret }: { readonly id: string; readonly secret: Secret },
): Promise<CheckedProviderKey> {
  const { organizationId } = ctx.actor;
  const provider = await inTenant(ctx, organizationId, async (transaction) => {
    const stored = await findProviderKey(transaction, ctx, id);
    await refuseLimitedKey(transaction, ctx.actor);
    return providerOf(services, stored);
  });
  const check = await askAboutNew(ctx, services, { provider, secret });
  return inTenant(ctx, organizationId, async (transaction) => {
    const before = await takeProviderKey(transaction, ctx, id);
    await refuseLimitedKey(transaction, ctx.actor);
    // Whoever brings a new secret brings it to where the provider is now.
    const bound = { ...before, origin: provider.origin };
    const [stored] = await transaction
      .update(providerKeys)
      .set({
        origin: provider.origin,
        secret: ctx.vault.seal(PURPOSES.providerKey(bound), secret.reveal()),
        lastFour: lastFourOf(secret),
        revision: sql`${providerKeys.revision} + 1`,
        rotatedAt: new Date(ctx.clock()),
        rejectedAt: null,
        rejectedStatus: null,
        ...namesIn(check),
      })
      .where(eq(providerKeys.id, id))
      .returning();
    if (stored === undefined) throw new Error('impossible: a row that is held was lost');
    await recordDeed(transaction, ctx, {
      action: 'provider_key.rotate',
      subject: id,
      organizationId,
      details: { provider: provider.id, origin: provider.origin },
    });
    return { providerKey: describe(ctx, services.directory, stored), check };
  });
}

function providerOf({ directory }: ProviderKeyServices, { provider }: StoredProviderKey): Provider {
  const known = directory.find(provider);
  if (known) return known;
  throw new Refusal('conflict', {
    message: `This server takes no keys of organizations for ${provider} any more. Delete this one.`,
  });
}
