import { and, eq } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { providerKeys, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Vault } from '../../platform/vault.ts';
import type { ProviderDirectory } from './directory.ts';
import { openSecret } from './read-own-keys.ts';

export type StoredProviderKey = typeof providerKeys.$inferSelect;

/**
 * `rejected`: the provider does not take it. `host_changed`: its provider is elsewhere now, or takes no keys of organizations any
 * more. `unreadable`: it does not open, e.g. because the master key is another one.
 */
export type ProviderKeyStatus = 'active' | 'rejected' | 'host_changed' | 'unreadable';

/** A provider key as its organization sees it: never the secret. */
export type ProviderKey = Omit<StoredProviderKey, 'secret' | 'models' | 'revision'> & {
  readonly status: ProviderKeyStatus;
};

export function describe(
  { vault }: { readonly vault: Vault },
  directory: ProviderDirectory,
  stored: StoredProviderKey,
): ProviderKey {
  const { secret: _secret, models: _models, revision: _revision, ...shown } = stored;
  return { ...shown, status: statusOf(vault, directory, stored) };
}

function statusOf(
  vault: Vault,
  directory: ProviderDirectory,
  stored: StoredProviderKey,
): ProviderKeyStatus {
  if (directory.find(stored.provider)?.origin !== stored.origin) return 'host_changed';
  if (openSecret(vault, stored) === undefined) return 'unreadable';
  return stored.rejectedAt === null ? 'active' : 'rejected';
}

/** The row, held until the transaction ends. */
export async function takeProviderKey(
  transaction: Transaction,
  { actor }: Context<MemberActor>,
  id: string,
): Promise<StoredProviderKey> {
  const [stored] = await transaction
    .select()
    .from(providerKeys)
    .where(and(eq(providerKeys.id, id), eq(providerKeys.organizationId, actor.organizationId)))
    .for('update');
  return stored ?? refuseUnknown();
}

export async function findProviderKey(
  transaction: Transaction,
  { actor }: Context<MemberActor>,
  id: string,
): Promise<StoredProviderKey> {
  const [stored] = await transaction
    .select()
    .from(providerKeys)
    .where(and(eq(providerKeys.id, id), eq(providerKeys.organizationId, actor.organizationId)));
  return stored ?? refuseUnknown();
}

function refuseUnknown(): never {
  throw new Refusal('not_found', { message: 'There is no such provider key.' });
}
