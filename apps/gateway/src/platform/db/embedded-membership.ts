import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientConfig } from 'pg';
import { LOCKS, lockShared, tryLock, unlockShared } from './advisory-lock.ts';
import { createClient } from './connect-database.ts';
import { DatabaseProblem } from './database-problem.ts';
import { ensureServer, startServer, type EmbeddedServer } from './embedded/server.ts';

export interface MembershipOptions {
  readonly dataDir: string;
  readonly role: 'server' | 'command';
  readonly onProgress: (text: string) => void;
  /** What a new session must do before the database is used. */
  prepare(session: Client): Promise<void>;
}

/** The right to use the embedded server, which runs for as long as anybody has it. */
export interface Membership {
  readonly connection: ClientConfig;
  leave(): Promise<void>;
}

interface Joined {
  readonly server: EmbeddedServer;
  /** Holds the shared lock that keeps the server up. */
  readonly session: Client;
}

const MAX_ATTEMPTS = 5;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

/** Starts or adopts the server. If it ends while we use it, e.g. for want of memory, it is started again. */
export async function joinEmbedded(options: MembershipOptions): Promise<Membership> {
  const leaving = new AbortController();
  let joined = await join(options);
  let rejoining = Promise.resolve();

  const watch = (): void => {
    joined.session.once('end', () => {
      if (!leaving.signal.aborted) rejoining = rejoin();
    });
  };
  const rejoin = async (): Promise<void> => {
    options.onProgress('The database has ended unexpectedly');
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      await sleep(retryMs, undefined, { signal: leaving.signal }).catch(() => undefined);
      if (leaving.signal.aborted) return;
      try {
        joined = await join(options, joined.server.connection);
        watch();
        return;
      } catch {
        // Tried again, ever more rarely: whoever needs the database meanwhile says so.
      }
    }
  };
  watch();
  return {
    connection: joined.server.connection,
    leave: async () => {
      leaving.abort();
      await rejoining;
      await leave(joined);
    },
  };
}

async function join(options: MembershipOptions, known?: ClientConfig): Promise<Joined> {
  const joined = await enter(options, known);
  try {
    await options.prepare(joined.session);
    return joined;
  } catch (error) {
    await leave(joined).catch(() => undefined);
    throw error;
  }
}

/** A server that another process is just stopping refuses or ends our session: then it is started anew. */
async function enter(
  { dataDir, role, onProgress }: MembershipOptions,
  known: ClientConfig | undefined,
): Promise<Joined> {
  for (let attempt = 1; ; attempt += 1) {
    const server =
      known === undefined
        ? await ensureServer(dataDir, onProgress)
        : { ...(await startServer(dataDir, onProgress)), connection: known };
    const session = createClient(server.connection, role);
    try {
      await session.connect();
      await lockShared(session, LOCKS.embeddedServerUse);
      return { server, session };
    } catch (cause) {
      await session.end().catch(() => undefined);
      if (attempt < MAX_ATTEMPTS) continue;
      throw new DatabaseProblem(
        'unreachable',
        `The embedded PostgreSQL runs but does not let us in: ${String(cause)}`,
        cause,
      );
    }
  }
}

/** The last one out turns off the light. Newcomers wait for the lock until the shutdown ends their session. */
async function leave({ server, session }: Joined): Promise<void> {
  try {
    await unlockShared(session, LOCKS.embeddedServerUse);
    if (await tryLock(session, LOCKS.embeddedServerUse, 0)) await server.stop();
  } finally {
    await session.end().catch(() => undefined);
  }
}
