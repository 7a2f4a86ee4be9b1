import { execFile } from 'node:child_process';
import { chown, lchown, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isErrno } from './errno.ts';

/** An operating-system account. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);

/**
 * PostgreSQL refuses to run as root. Then it runs as the owner of its cluster, and a new cluster belongs to `postgres`.
 * `undefined`: we are not root, it runs as ourselves.
 */
export async function chooseAccount(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await ownerOf(cluster);
  if (owner !== undefined && owner.uid !== 0) return owner;
  const account = await postgresAccount();
  // For example a cluster that root has restored from a copy.
  if (owner !== undefined) await giveAway(cluster, account);
  return account;
}

async function ownerOf(path: string): Promise<Account | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function postgresAccount(): Promise<Account> {
  const existing = await findAccount('postgres');
  if (existing !== undefined) return existing;
  // Fails where there is no useradd, or when another process was first: look again, then settle for nobody.
  await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).catch(
    () => undefined,
  );
  const account = (await findAccount('postgres')) ?? (await findAccount('nobody'));
  if (account === undefined) throw new Error('impossible: this system has no account but root');
  return account;
}

async function findAccount(name: string): Promise<Account | undefined> {
  const accounts = await readFile('/etc/passwd', 'utf8');
  const match = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(accounts);
  return match === null ? undefined : { uid: Number(match[1]), gid: Number(match[2]) };
}

async function giveAway(folder: string, { uid, gid }: Account): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  for (const name of names) await lchown(join(folder, name), uid, gid);
  // Last, so that an interrupted run starts over.
  await chown(folder, uid, gid);
}
