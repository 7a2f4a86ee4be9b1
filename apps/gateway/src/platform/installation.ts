import { createHash, randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from './secret.ts';

/**
 * A random value of this data directory's own, made at its first start. Keys the hashes of hardware identifiers, so that
 * they mean nothing elsewhere. In a file, not in the database: a dump must not contain it.
 */
export async function installationSecret(dataDir: string): Promise<Secret> {
  return new Secret(await readOrCreateSecret(join(dataDir, 'installation.key')));
}

/** A random name of this data directory, which is no secret: it holds wherever the directory is mounted. */
export async function directoryId(dataDir: string): Promise<string> {
  const id = await readOrCreateSecret(join(dataDir, 'instance-id'));
  return createHash('sha256').update(id).digest('hex');
}

/** Reads the one value that all processes of this data directory share, inventing it if it is not there yet. */
export async function readOrCreateSecret(path: string): Promise<string> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
  try {
    // Unlike a rename, a link never replaces what another process has put there.
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft);
  }
  return readFile(path, 'utf8');
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
