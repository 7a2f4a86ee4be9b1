import { eq } from 'drizzle-orm';
import { providerKeys, type Transaction } from '../../platform/db/index.ts';
import type { Secret } from '../../platform/secret.ts';
import { PURPOSES, type ProviderKeyPlace } from '../../platform/vault-purposes.ts';
import type { Vault } from '../../platform/vault.ts';
import { NO_OWN_KEYS, type OwnKeys } from './own-key.ts';

/** The organization's keys, opened. */
export async function readOwnKeys(
  transaction: Transaction,
  vault: Vault,
  organizationId: string,
): Promise<OwnKeys> {
  // Not with the names of models: there may be a thousand of them.
  const rows = await transaction
    .select({
      id: providerKeys.id,
      organizationId: providerKeys.organizationId,
      provider: providerKeys.provider,
      origin: providerKeys.origin,
      revision: providerKeys.revision,
      secret: providerKeys.secret,
      isFallbackAllowed: providerKeys.isFallbackAllowed,
    })
    .from(providerKeys)
    .where(eq(providerKeys.organizationId, organizationId));
  if (rows.length === 0) return NO_OWN_KEYS;
  return new Map(
    rows.map((row) => {
      const { id, provider, origin, revision, isFallbackAllowed } = row;
      const secret = openSecret(vault, row);
      return [provider, { id, provider, origin, revision, secret, isFallbackAllowed }];
    }),
  );
}

/** `undefined`: it was sealed for another row or another host, under another master key, or it was changed. */
export function openSecret(
  vault: Vault,
  row: ProviderKeyPlace & { readonly secret: Buffer },
): Secret | undefined {
  try {
    return vault.open(PURPOSES.providerKey(row), row.secret);
  } catch {
    return undefined;
  }
}
