import { readFile, rename, rm, link } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './errno.ts';

/** The state of a cluster's server process, as `postmaster.pid` tells it. */
export type Postmaster =
  | { readonly kind: 'absent' }
  /** A file left by a process that is no more. */
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'starting' | 'ready' | 'stopping'; readonly pid: number };

const STATUS_LINE = 7;

export async function inspectPostmaster(cluster: string): Promise<Postmaster> {
  const lines = (await readPidFile(cluster))?.split('\n');
  const pid = Number(lines?.[0]);
  if (lines === undefined || !(pid > 0)) return { kind: 'absent' };
  if (!(await isServerOf(cluster, pid))) return { kind: 'stale', pid };
  const status = lines[STATUS_LINE]?.trim();
  if (status === 'ready' || status === 'stopping') return { kind: status, pid };
  return { kind: 'starting', pid };
}

/**
 * PostgreSQL takes over a dead server's file by itself, but not where the number belongs to a zombie or, as after a
 * container's restart, to some other process of the same user.
 */
export async function removeStalePidFile(cluster: string, pid: number): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  const aside = `${path}.stale-${process.pid}`;
  try {
    await rename(path, aside);
    const isTheStaleOne = (await readFile(aside, 'utf8')).startsWith(`${pid}\n`);
    // Another process was faster and this file is its new server's: put it back.
    if (!isTheStaleOne) await link(aside, path);
    await rm(aside);
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'EEXIST')) throw error;
  }
}

async function readPidFile(cluster: string): Promise<string | undefined> {
  try {
    return await readFile(join(cluster, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Process numbers are reused, so on Linux the command line must name the cluster; a zombie's is empty. */
async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return isAlive(pid);
  try {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return command.split('\0').includes(cluster);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}
