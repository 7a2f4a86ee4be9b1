import { createVault, type Vault } from '../vault.ts';
import { readMasterKey } from './read-master-key.ts';
import type { MasterKeySource } from './source.ts';

/** Several gateways on one database need the same master key. */
export const openVault = async (source: MasterKeySource): Promise<Vault> =>
  createVault(await readMasterKey(source));
