import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { readOrCreateSecret } from '../../installation.ts';
import { DatabaseProblem } from '../database-problem.ts';
import { chooseAccount } from './account.ts';
import { ensureApplicationRole } from './application-role.ts';
import { prepareBinaries, type Binaries } from './binaries.ts';
import { createDataDirectory, ensureCluster, hasCluster, SUPERUSER } from './cluster.ts';
import { createLauncher, type Launcher } from './launcher.ts';
import { inspectPostmaster, removeStalePidFile } from './postmaster.ts';
import { createSocketDirectory, socketDirectoryOf } from './socket-directory.ts';

const POLL_MS = 10;
const START_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 60_000;
const MAX_LAUNCHES = 3;

/** A running PostgreSQL on this data directory, whoever started it. */
export interface EmbeddedServer {
  readonly connection: ClientConfig;
  readonly superuser: ClientConfig;
  /** See `stopServer`. */
  stop(): Promise<void>;
}

interface Parts {
  readonly cluster: string;
  readonly socketDirectory: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly launcher: Launcher;
}

/** Starts the server, creating its cluster at the first time, or adopts the one that a killed process has left. */
export async function ensureServer(
  directory: string,
  onProgress: (text: string) => void,
): Promise<EmbeddedServer> {
  const server = await startServer(directory, onProgress);
  return { ...server, connection: await ensureApplicationRole(server.superuser) };
}

/** As `ensureServer`, where the gateway's role is known to be there. */
export async function startServer(
  directory: string,
  onProgress: (text: string) => void,
): Promise<Omit<EmbeddedServer, 'connection'>> {
  await createDataDirectory(directory);
  const dataDir = await realpath(directory);
  const cluster = join(dataDir, 'postgres');
  const isNew = !(await hasCluster(cluster));
  const password = await readOrCreateSecret(join(dataDir, 'postgres.password'));
  const binaries = await prepareBinaries();
  const account = await chooseAccount(cluster);
  const launcher = await createLauncher(account, [binaries.postgres, dataDir]);
  if (isNew) {
    onProgress('Creating the database');
    await ensureCluster({ dataDir, cluster, password }, binaries.initdb, launcher);
  }
  const socketDirectory = socketDirectoryOf(dataDir);
  await createSocketDirectory(socketDirectory, account);
  await run(
    { cluster, socketDirectory, binaries, launcher, logFile: join(dataDir, 'postgres.log') },
    onProgress,
  );
  const superuser = {
    host: socketDirectory,
    port: 5432,
    user: SUPERUSER,
    password,
    database: 'postgres',
    ssl: false,
  };
  return { superuser, stop: () => stopServer(dataDir) };
}

async function run(parts: Parts, onProgress: (text: string) => void): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  let child: ChildProcess | undefined;
  let launches = 0;
  while (performance.now() < deadline) {
    const postmaster = await inspectPostmaster(parts.cluster);
    if (postmaster.kind === 'ready') return;
    const isOver = child === undefined || child.exitCode !== null || child.signalCode !== null;
    if (isOver && postmaster.kind === 'stale') {
      await removeStalePidFile(parts.cluster, postmaster.pid);
    } else if (isOver && postmaster.kind === 'absent') {
      // A launch that ends at once may have met a server that was just then stopping or starting.
      if (launches === MAX_LAUNCHES) throw await startProblem(parts);
      if (launches === 0) onProgress('Starting the database');
      launches += 1;
      child = await launchServer(parts);
    }
    await sleep(POLL_MS);
  }
  throw await startProblem(parts);
}

async function launchServer({
  cluster,
  socketDirectory,
  logFile,
  ...parts
}: Parts): Promise<ChildProcess> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
  const log = await open(logFile, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
  try {
    const settings = Object.entries(settingsFor(socketDirectory)).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    // A file, not a pipe: the server may outlive us.
    const stdio = ['ignore', log.fd, log.fd] as const;
    const child = await parts.launcher.launch(
      parts.binaries.postgres,
      ['-D', cluster, ...settings],
      [...stdio],
    );
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

function settingsFor(socketDirectory: string): Readonly<Record<string, string>> {
  return {
    listen_addresses: '',
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: '0700',
    jit: 'off',
    // Statements and error details hold customers' data.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
  };
}

async function startProblem({ logFile }: Parts): Promise<DatabaseProblem> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const lastLines = log.trimEnd().split('\n').slice(-5).join('\n');
  return new DatabaseProblem(
    'start-failed',
    `The embedded PostgreSQL does not start. The end of ${logFile}:\n${lastLines}`,
  );
}

/** Fast shutdown of the server of this data directory, if one runs; resolves when it is gone. */
export async function stopServer(dataDir: string): Promise<void> {
  const cluster = join(dataDir, 'postgres');
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  const postmaster = await inspectPostmaster(cluster);
  if (postmaster.kind === 'absent' || postmaster.kind === 'stale') return;
  process.kill(postmaster.pid, 'SIGINT');
  while (performance.now() < deadline) {
    const { kind } = await inspectPostmaster(cluster);
    if (kind === 'absent' || kind === 'stale') return;
    await sleep(POLL_MS);
  }
  throw new Error(`PostgreSQL (process ${postmaster.pid}) did not stop in ${STOP_TIMEOUT_MS} ms`);
}
