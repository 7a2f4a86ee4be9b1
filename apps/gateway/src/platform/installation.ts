import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from './secret.ts';

/**
 * A random value of this data directory's own, made at its first start. Keys the hashes of hardware identifiers, so that
 * they mean nothing elsewhere. In a file, not in the database: a dump must not contain it.
 */
export async function installationSecret(dataDir: string): Promise<Secret> {
  const path = join(dataDir, 'installation.key');
  const fresh = randomBytes(32).toString('base64url');
  try {
    await writeFile(path, fresh, { flag: 'wx', mode: 0o600 });
    return new Secret(fresh);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return new Secret(await readFile(path, 'utf8'));
  }
}
