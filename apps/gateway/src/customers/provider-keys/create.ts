import { and, eq } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, providerKeys, violates, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Secret } from '../../platform/secret.ts';
import { PURPOSES } from '../../platform/vault-purposes.ts';
import { refuseLimitedKey } from '../billing/index.ts';
import { askAboutNew, namesIn, requireProvider, type ProviderKeyServices } from './checking.ts';
import type { KeyCheck } from './directory.ts';
import { describe, type ProviderKey } from './provider-key.ts';

export interface NewProviderKey {
  readonly provider: string;
  readonly label: string | undefined;
  readonly secret: Secret;
  readonly isFallbackAllowed: boolean;
}

export interface CheckedProviderKey {
  readonly providerKey: ProviderKey;
  readonly check: KeyCheck;
}

/** Stores a key, unless its provider says that it does not take it. A provider that cannot be asked is no reason not to. */
export async function createProviderKey(
  ctx: Context<MemberActor>,
  services: ProviderKeyServices,
  input: NewProviderKey,
): Promise<CheckedProviderKey> {
  const { organizationId } = ctx.actor;
  const { secret } = input;
  const provider = requireProvider(services.directory, input.provider);
  await inTenant(ctx, organizationId, async (transaction) => {
    await refuseLimitedKey(transaction, ctx.actor);
    await refuseSecond(transaction, organizationId, provider.id);
  });
  const check = await askAboutNew(ctx, services, { provider, secret });
  const place = { organizationId, id: ctx.newId('providerKey'), provider: provider.id };
  const bound = { ...place, origin: provider.origin };
  const row = {
    ...bound,
    label: input.label ?? provider.id,
    secret: ctx.vault.seal(PURPOSES.providerKey(bound), secret.reveal()),
    lastFour: lastFourOf(secret),
    isFallbackAllowed: input.isFallbackAllowed,
    createdBy: ctx.actor.userId ?? null,
    createdAt: new Date(ctx.clock()),
    ...namesIn(check),
  };
  return inTenant(ctx, organizationId, async (transaction) => {
    await refuseLimitedKey(transaction, ctx.actor);
    const stored = await insert(transaction, row);
    await recordDeed(transaction, ctx, {
      action: 'provider_key.create',
      subject: stored.id,
      organizationId,
      details: {
        provider: provider.id,
        origin: provider.origin,
        fallback: input.isFallbackAllowed,
      },
    });
    return { providerKey: describe(ctx, services.directory, stored), check };
  });
}

/** To recognise it by. */
export const lastFourOf = (secret: Secret): string => secret.reveal().slice(-4);

async function insert(transaction: Transaction, row: typeof providerKeys.$inferInsert) {
  try {
    const [stored] = await transaction.insert(providerKeys).values(row).returning();
    if (stored === undefined) throw new Error('impossible: a row that was inserted is not there');
    return stored;
  } catch (error) {
    throw violates(error, 'provider_keys_one_each') ? anotherIsThere(row.provider) : error;
  }
}

async function refuseSecond(
  transaction: Transaction,
  organizationId: string,
  provider: string,
): Promise<void> {
  const isThis = and(
    eq(providerKeys.organizationId, organizationId),
    eq(providerKeys.provider, provider),
  );
  if ((await transaction.$count(providerKeys, isThis)) > 0) throw anotherIsThere(provider);
}

const anotherIsThere = (provider: string): Refusal =>
  new Refusal('conflict', {
    message: `The organization has a key for ${provider} already. Rotate it, or delete it first.`,
  });
