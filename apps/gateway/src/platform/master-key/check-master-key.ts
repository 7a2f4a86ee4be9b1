import { inSystem, vaultChecks, type Stored, type Transaction } from '../db/index.ts';
import { PURPOSES } from '../vault-purposes.ts';
import type { Vault } from '../vault.ts';
import { MasterKeyProblem } from './problem.ts';
import { openWith } from './seal-anew.ts';

/** What the check says when it is opened. */
export const CHECK_TEXT = 'sealgate';

export type VaultChecks = Partial<Record<'current' | 'next', Buffer>>;

export async function readChecks(transaction: Transaction): Promise<VaultChecks> {
  const rows = await transaction.select().from(vaultChecks);
  return Object.fromEntries(rows.map(({ name, sealed }) => [name, sealed]));
}

export const opensCheck = (vault: Vault, sealed: Buffer): boolean =>
  openWith(vault, PURPOSES.check, sealed)?.reveal() === CHECK_TEXT;

/**
 * Throws `MasterKeyProblem` unless this is the master key under which everything in the database is sealed. The first gateway says
 * which one that is. Otherwise one that is given another key would lock people out, and seal what the others cannot open.
 */
export function checkMasterKey(store: Stored, vault: Vault): Promise<void> {
  return inSystem(store, async (transaction) => {
    await transaction
      .insert(vaultChecks)
      .values({ name: 'current', sealed: vault.seal(PURPOSES.check, CHECK_TEXT) })
      .onConflictDoNothing();
    const { current, next } = await readChecks(transaction);
    if (next !== undefined) {
      throw new MasterKeyProblem(
        'A change of the master key was not finished: a part of the database is sealed under the old key, the rest under the new one. ' +
          'Run "sealgate master-key rotate" again, with the same keys as before.',
      );
    }
    if (current === undefined || !opensCheck(vault, current)) {
      throw new MasterKeyProblem(
        'This is not the master key under which the database is sealed. Give every gateway and command the same one, by ' +
          'SEALGATE_MASTER_KEY_FILE, SEALGATE_MASTER_KEY_COMMAND or SEALGATE_MASTER_KEY, or the data folder that it was made in. ' +
          'To change it, or when it is lost: "sealgate master-key rotate --help".',
      );
    }
  });
}
