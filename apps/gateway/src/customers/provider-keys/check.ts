import { and, eq } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, providerKeys } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { refuseLimitedKey } from '../billing/index.ts';
import { ask, namesIn, type ProviderKeyServices } from './checking.ts';
import type { CheckedProviderKey } from './create.ts';
import type { KeyCheck } from './directory.ts';
import { describe, findProviderKey, type StoredProviderKey } from './provider-key.ts';
import { openSecret } from './read-own-keys.ts';

/** Asks the provider again whether it takes the key, and which models it has. */
export async function checkProviderKey(
  ctx: Context<MemberActor>,
  services: ProviderKeyServices,
  id: string,
): Promise<CheckedProviderKey> {
  const { organizationId } = ctx.actor;
  const before = await inTenant(ctx, organizationId, async (transaction) => {
    const stored = await findProviderKey(transaction, ctx, id);
    await refuseLimitedKey(transaction, ctx.actor);
    return stored;
  });
  const check = await askAbout(ctx, services, before);
  return inTenant(ctx, organizationId, async (transaction) => {
    const { revision } = before;
    const columns = columnsOf(ctx, before, check);
    if (Object.keys(columns).length > 0) {
      await transaction
        .update(providerKeys)
        .set(columns)
        // Rotated meanwhile: what was heard is about the old one.
        .where(and(eq(providerKeys.id, id), eq(providerKeys.revision, revision)));
    }
    const stored = await findProviderKey(transaction, ctx, id);
    await recordDeed(transaction, ctx, {
      action: 'provider_key.check',
      subject: id,
      organizationId,
      details: { outcome: check.kind },
    });
    return { providerKey: describe(ctx, services.directory, stored), check };
  });
}

async function askAbout(
  ctx: Context<MemberActor>,
  services: ProviderKeyServices,
  stored: StoredProviderKey,
): Promise<KeyCheck> {
  const provider = services.directory.find(stored.provider);
  const secret = openSecret(ctx.vault, stored);
  if (provider === undefined || provider.origin !== stored.origin || secret === undefined) {
    throw new Refusal('conflict', {
      message:
        'This key cannot be used, as its status tells, and was not sent anywhere. Rotate it, or delete it.',
    });
  }
  return ask(ctx, services, { provider, secret });
}

function columnsOf(
  { clock }: Context,
  { rejectedAt }: StoredProviderKey,
  check: KeyCheck,
): Partial<StoredProviderKey> {
  switch (check.kind) {
    case 'accepted':
      return { rejectedAt: null, rejectedStatus: null, ...namesIn(check) };
    case 'refused':
      return { rejectedAt: rejectedAt ?? new Date(clock()), rejectedStatus: check.status };
    case 'undecided':
      return {};
  }
}
