import type { Client, ClientConfig } from 'pg';
import { connectDatabase, createClient } from './connect-database.ts';
import type { Database } from './database.ts';
import { DatabaseProblem } from './database-problem.ts';
import { joinEmbedded } from './embedded-membership.ts';
import { createDataDirectory } from './embedded/cluster.ts';
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

/** Opens the database with its schema up to date. Throws `DatabaseProblem`. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { dataDir, databaseUrl, role, onProgress } = options;
  await createDataDirectory(dataDir);
  const prepare = async (session: Client): Promise<void> => {
    if (role === 'server') await lockInstance(session, dataDir);
    await migrate(session);
  };
  if (databaseUrl !== undefined) {
    return openExternal({ connectionString: databaseUrl }, role, prepare);
  }
  const membership = await joinEmbedded({ dataDir, role, onProgress, prepare });
  return connectDatabase('embedded', membership.connection, () => membership.leave());
}

async function openExternal(
  connection: ClientConfig,
  role: string,
  prepare: (session: Client) => Promise<void>,
): Promise<Database> {
  const session = createClient(connection, role);
  try {
    await session.connect();
  } catch (cause) {
    throw new DatabaseProblem(
      'unreachable',
      `The database of DATABASE_URL cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  try {
    await prepare(session);
  } catch (error) {
    await session.end();
    throw error;
  }
  return connectDatabase('external', connection, () => session.end());
}
