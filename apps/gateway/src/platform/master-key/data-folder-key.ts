import { link, readFile, rename, rm } from 'node:fs/promises';
import { readOrCreateSecret } from '../installation.ts';
import { Secret } from '../secret.ts';
import { MasterKeyProblem } from './problem.ts';

/** The key in the data folder, if there is one: it is made by the first start that needs it, and by nobody else. */
export async function findFolderKey(path: string): Promise<Secret | undefined> {
  try {
    return new Secret(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What takes its place: on the disk before anything is sealed under it, the same after a run that was broken off. */
export const prepareFolderKey = async (path: string): Promise<Secret> =>
  new Secret(await readOrCreateSecret(nextOf(path)));

/** Puts it there. The old one stays beside it, for backups; there is a key in the folder at every moment. */
export async function replaceFolderKey(path: string): Promise<{ readonly oldPath: string }> {
  const oldPath = `${path}.old`;
  if ((await findFolderKey(nextOf(path))) === undefined) {
    throw new MasterKeyProblem(
      `${nextOf(path)} is gone. Everything is sealed under the key in it.`,
    );
  }
  await rm(oldPath, { force: true });
  await link(path, oldPath);
  await rename(nextOf(path), path);
  return { oldPath };
}

const nextOf = (path: string): string => `${path}.next`;
