import { createHash } from 'node:crypto';
import { chown, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseProblem } from '../database-problem.ts';
import type { Account } from './account.ts';
import { isErrno } from './errno.ts';

/** The kernel cuts socket addresses at 108 bytes on Linux and 104 on macOS. */
const MAX_SOCKET_PATH_BYTES = 100;
const SOCKET_NAME = '.s.PGSQL.5432';

/** Where the socket lies: in the data directory, or below /tmp when that path is too long. */
export function socketDirectoryOf(dataDir: string): string {
  const near = join(dataDir, 'run');
  if (Buffer.byteLength(join(near, SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES) return near;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return `/tmp/sealgate-${name}`;
}

export async function createSocketDirectory(
  path: string,
  account: Account | undefined,
): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
  const ourUid = process.getuid?.();
  const entry = await lstat(path);
  const isOurs = entry.uid === ourUid || entry.uid === account?.uid;
  // In a shared folder somebody else may have made it first, to listen in our place.
  if (!entry.isDirectory() || !isOurs || (entry.mode & 0o077) !== 0) {
    throw new DatabaseProblem(
      'no-permission',
      `${path} must be a folder that only its owner, the user of this Sealgate, can enter. Remove it and start again.`,
    );
  }
  if (account !== undefined && entry.uid !== account.uid)
    await chown(path, account.uid, account.gid);
}
