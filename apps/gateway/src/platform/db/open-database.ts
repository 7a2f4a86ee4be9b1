import type { Client, ClientConfig } from 'pg';
import { LOCKS, lockShared, tryLock, unlockShared } from './advisory-lock.ts';
import { connectDatabase, createClient } from './connect-database.ts';
import type { Database } from './database.ts';
import { DatabaseProblem } from './database-problem.ts';
import { createDataDirectory } from './embedded/cluster.ts';
import { ensureServer, type EmbeddedServer } from './embedded/server.ts';
import { lockInstance } from './instance-lock.ts';
import { migrate } from './migrate.ts';

export interface DatabaseOptions {
  readonly dataDir: string;
  /** Another PostgreSQL than the embedded one. */
  readonly databaseUrl?: string | undefined;
  /** `server`: the one gateway of this data directory. `command`: a short-lived guest beside it. */
  readonly role: 'server' | 'command';
  readonly onProgress: (text: string) => void;
}

const MAX_ATTEMPTS = 5;

/** Opens the database with its schema up to date. Throws `DatabaseProblem`. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  await createDataDirectory(options.dataDir);
  return options.databaseUrl === undefined
    ? openEmbedded(options)
    : openExternal(options, { connectionString: options.databaseUrl });
}

async function openExternal(options: DatabaseOptions, connection: ClientConfig): Promise<Database> {
  const session = createClient(connection, options.role);
  try {
    await session.connect();
  } catch (cause) {
    throw new DatabaseProblem(
      'unreachable',
      `The database of DATABASE_URL cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  await prepare(session, options).catch(endAndThrow(session));
  return connectDatabase('external', connection, () => session.end());
}

async function openEmbedded(options: DatabaseOptions): Promise<Database> {
  const { server, session } = await joinServer(options);
  const leave = () => leaveServer(server, session);
  await prepare(session, options).catch(async (error: unknown) => {
    await leave();
    throw error;
  });
  return connectDatabase('embedded', server.connection, leave);
}

async function prepare(session: Client, options: DatabaseOptions): Promise<void> {
  if (options.role === 'server') await lockInstance(session, options.dataDir);
  await migrate(session);
}

interface Membership {
  readonly server: EmbeddedServer;
  /** Holds the shared lock that keeps the server up. */
  readonly session: Client;
}

/** A server that another process is just stopping refuses or ends our session: then it is started anew. */
async function joinServer(options: DatabaseOptions): Promise<Membership> {
  for (let attempt = 1; ; attempt += 1) {
    const server = await ensureServer(options.dataDir, options.onProgress);
    const session = createClient(server.connection, options.role);
    try {
      await session.connect();
      await lockShared(session, LOCKS.embeddedServerUse);
      return { server, session };
    } catch (cause) {
      await session.end().catch(() => undefined);
      if (attempt === MAX_ATTEMPTS) throw unreachable(cause);
    }
  }
}

/** The last one out turns off the light. Newcomers wait for the lock until the shutdown ends their session. */
async function leaveServer(server: EmbeddedServer, session: Client): Promise<void> {
  try {
    await unlockShared(session, LOCKS.embeddedServerUse);
    if (await tryLock(session, LOCKS.embeddedServerUse, 0)) await server.stop();
  } finally {
    await session.end().catch(() => undefined);
  }
}

function unreachable(cause: unknown): DatabaseProblem {
  return new DatabaseProblem(
    'unreachable',
    `The embedded PostgreSQL runs but does not let us in: ${String(cause)}`,
    cause,
  );
}

function endAndThrow(session: Client): (error: unknown) => Promise<never> {
  return async (error) => {
    await session.end();
    throw error;
  };
}
