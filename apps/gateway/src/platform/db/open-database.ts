import type { Client, ClientConfig } from 'pg';
import { connectDatabase, createClient } from './connect-database.ts';
import type { Database } from './database.ts';
import { DatabaseProblem } from './database-problem.ts';
import { joinEmbedded } from './embedded-membership.ts';
import { createDataDirectory } from './embedded/cluster.ts';
import { lockInstance } from './instance-lock.ts';
import { lockMasterKey } from './master-key-lock.ts';
import { migrateJobs } from './migrate-jobs.ts';
import { migrate } from './migrate.ts';

export interface DatabaseOptions {
  readonly dataDir: string;
  /** Another PostgreSQL than the embedded one. */
  readonly databaseUrl?: string | undefined;
  /** `server`: the one gateway of this data directory. `command`: a short-lived guest beside it. */
  readonly role: 'server' | 'command';
  /** No gateway and no other command may use it meanwhile. */
  readonly isAlone?: boolean;
  readonly onProgress: (text: string) => void;
  /** What is not as safe as it could be. */
  readonly onWarning?: (text: string) => void;
}

/** Opens the database with its schema up to date. Throws `DatabaseProblem`. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const database = await open(options);
  try {
    await migrateJobs(database.pool);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

async function open(options: DatabaseOptions): Promise<Database> {
  const { dataDir, databaseUrl, role, onProgress, onWarning, isAlone = false } = options;
  await createDataDirectory(dataDir);
  const prepare = async (session: Client): Promise<void> => {
    if (await isAboveRowSecurity(session)) onWarning?.(ABOVE_ROW_SECURITY);
    if (role === 'server') await lockInstance(session, dataDir);
    await lockMasterKey(session, isAlone);
    await migrate(session);
  };
  if (databaseUrl !== undefined) {
    return openExternal({ connectionString: databaseUrl }, role, prepare);
  }
  const membership = await joinEmbedded({ dataDir, role, onProgress, prepare });
  return connectDatabase('embedded', { ...membership.connection, ...patienceOf(role) }, () =>
    membership.leave(),
  );
}

/** Who sits before a command stops it; a check of all books takes as long as it takes. */
const patienceOf = (role: DatabaseOptions['role']): ClientConfig =>
  role === 'command' ? { query_timeout: 0 } : {};

const ABOVE_ROW_SECURITY =
  'The user of DATABASE_URL is a superuser or has BYPASSRLS: the database does not help to keep organizations apart. ' +
  'Give Sealgate a database and an owner of its own (create role sealgate login password …; create database sealgate owner sealgate).';

async function isAboveRowSecurity(session: Client): Promise<boolean> {
  const answer = await session.query<{ above: boolean }>(
    'select rolsuper or rolbypassrls as above from pg_roles where rolname = current_user',
  );
  return answer.rows[0]?.above === true;
}

async function openExternal(
  connection: ClientConfig,
  role: DatabaseOptions['role'],
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
  return connectDatabase('external', { ...connection, ...patienceOf(role) }, () => session.end());
}
