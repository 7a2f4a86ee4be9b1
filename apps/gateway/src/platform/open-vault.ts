import { join } from 'node:path';
import { readOrCreateSecret } from './installation.ts';
import { Secret } from './secret.ts';
import { createVault, type Vault } from './vault.ts';

/** Several gateways on one database need the same master key, so it can be given; else the data directory has its own. */
export async function openVault(options: {
  readonly dataDir: string;
  readonly masterKey: Secret | undefined;
}): Promise<Vault> {
  const { dataDir, masterKey } = options;
  return createVault(
    masterKey ?? new Secret(await readOrCreateSecret(join(dataDir, 'master.key'))),
  );
}
