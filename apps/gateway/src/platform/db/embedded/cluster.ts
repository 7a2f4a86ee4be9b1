import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DatabaseProblem } from '../database-problem.ts';
import { isErrno } from './errno.ts';
import type { Launcher } from './launcher.ts';

export const SUPERUSER = 'sealgate';
const MAJOR_VERSION = '18';
const DRAFT_PREFIX = 'postgres.new-';

export interface ClusterPlace {
  readonly dataDir: string;
  readonly cluster: string;
  readonly password: string;
}

/**
 * Creates the cluster unless it is there. It is made aside and moved into place, so that a crash leaves no half of one
 * and of two processes that start at once one wins and the other uses its work.
 */
export async function ensureCluster(
  place: ClusterPlace,
  initdb: string,
  launcher: Launcher,
): Promise<void> {
  if (await hasCluster(place.cluster)) return;
  const draft = await mkdtemp(join(place.dataDir, DRAFT_PREFIX));
  try {
    await initialise(draft, { ...place, initdb }, launcher);
    await rename(join(draft, 'cluster'), place.cluster);
  } catch (error) {
    if (!(await hasCluster(place.cluster))) throw error;
  } finally {
    await remove(draft);
  }
  await removeOtherDrafts(place.dataDir);
}

/** Is there a cluster that this PostgreSQL can run? */
export async function hasCluster(cluster: string): Promise<boolean> {
  const version = await readVersion(cluster);
  if (version === undefined) return false;
  if (version === MAJOR_VERSION) return true;
  throw new DatabaseProblem(
    'other-version',
    `The data in ${cluster} belongs to PostgreSQL ${version}, this Sealgate brings ${MAJOR_VERSION}. Start the Sealgate that wrote it, or dump with pg_dump ${version} and restore into a new data directory (SEALGATE_DATA_DIR).`,
  );
}

async function readVersion(cluster: string): Promise<string | undefined> {
  try {
    return (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw new DatabaseProblem(
      'no-permission',
      `The database in ${cluster} belongs to another user. Start Sealgate as the user who started it first, or with another SEALGATE_DATA_DIR.`,
      error,
    );
  }
}

interface Draft {
  readonly password: string;
  readonly initdb: string;
}

async function initialise(
  draft: string,
  { password, initdb }: Draft,
  launcher: Launcher,
): Promise<void> {
  const passwordFile = join(draft, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (launcher.account !== undefined) {
    const { uid, gid } = launcher.account;
    await Promise.all([draft, passwordFile].map((path) => chown(path, uid, gid)));
  }
  const child = await launcher.launch(
    initdb,
    [
      `--pgdata=${join(draft, 'cluster')}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ],
    ['ignore', 'ignore', 'pipe'],
  );
  const closed = once(child, 'close');
  const complaint = child.stderr === null ? '' : await text(child.stderr);
  const [exitCode] = (await closed) as [number | null];
  if (exitCode === 0) return;
  throw new DatabaseProblem(
    'start-failed',
    `The database could not be created: ${complaint.trim()}`,
  );
}

/** Left by processes that were killed. One that is still at work on its own finds that ours is there already. */
async function removeOtherDrafts(dataDir: string): Promise<void> {
  const names = await readdir(dataDir);
  const drafts = names.filter((name) => name.startsWith(DRAFT_PREFIX));
  await Promise.all(drafts.map((name) => remove(join(dataDir, name))));
}

/** Fails where somebody still writes; what remains goes at the next time. */
async function remove(draft: string): Promise<void> {
  await rm(draft, { recursive: true, force: true }).catch(() => undefined);
}

export async function createDataDirectory(dataDir: string): Promise<void> {
  // As root, PostgreSQL's account must be able to pass through; what is secret inside has its own permissions.
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
}
