import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { randomBytes } from 'node:crypto';
import { Pool, type Client, type ClientConfig } from 'pg';
import { inject } from 'vitest';
import { exclusively, LOCKS } from './advisory-lock.ts';
import { connectDatabase, createClient } from './connect-database.ts';
import type { Database } from './database.ts';
import { ensureServer } from './embedded/server.ts';
import { migrateJobs } from './migrate-jobs.ts';
import { migrate } from './migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Data directory of the embedded server that all test files of one run share. */
    postgresDirectory: string;
  }
}

const TEMPLATE = 'sealgate_template';

/** A database of its own, and a way to see what is in it past all scopes. */
export interface TestDatabase extends Database {
  readonly admin: NodePgDatabase;
}

/** For the calling test file, with the schema in place. `close` drops it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { connection, superuser } = await ensureServer(
    inject('postgresDirectory'),
    () => undefined,
  );
  const owner = String(connection.user);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administrate(superuser, async (client) => {
    await exclusively(client, LOCKS.migration, () => ensureTemplate(client, connection));
    await client.query(`create database ${name} template ${TEMPLATE} owner ${owner}`);
  });
  const admin = new Pool({ ...superuser, database: name, max: 2 });
  // The database may be dropped while a session is still saying goodbye.
  admin.on('error', () => undefined);
  const database = connectDatabase('embedded', { ...connection, database: name }, async () => {
    await admin.end();
    await administrate(superuser, async (client) => {
      await client.query(`drop database ${name} with (force)`);
    });
  });
  return { ...database, admin: drizzle(admin) };
}

async function ensureTemplate(client: Client, connection: ClientConfig): Promise<void> {
  const found = await client.query('select from pg_database where datname = $1', [TEMPLATE]);
  if (found.rowCount === 1) return;
  await client.query(`create database unfinished_template owner ${String(connection.user)}`);
  const template = { ...connection, database: 'unfinished_template' };
  await administrate(template, migrate);
  const database = connectDatabase('embedded', template, async () => {});
  await migrateJobs(database.pool);
  await database.close();
  await client.query(`alter database unfinished_template rename to ${TEMPLATE}`);
}

async function administrate(
  connection: ClientConfig,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const client = createClient(connection, 'test');
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
