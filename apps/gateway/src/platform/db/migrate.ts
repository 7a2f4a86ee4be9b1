import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { exclusively, LOCKS } from './advisory-lock.ts';
import { DatabaseProblem } from './database-problem.ts';

/** The same folder from `src` and from `dist`. */
const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** Brings the schema up to date; of several processes that start at once, one does it and the others wait. */
export async function migrate(client: Client): Promise<void> {
  await exclusively(client, LOCKS.migration, async () => {
    await refuseNewerSchema(client);
    await applyMigrations(drizzle(client), { migrationsFolder });
  });
}

async function refuseNewerSchema(client: Client): Promise<void> {
  const newestKnown = Math.max(
    ...readMigrationFiles({ migrationsFolder }).map((migration) => migration.folderMillis),
  );
  const newestApplied = await readNewestApplied(client);
  if (newestApplied <= newestKnown) return;
  throw new DatabaseProblem(
    'newer-schema',
    'This database was written by a newer Sealgate. Start that version, or restore a backup made before the upgrade.',
  );
}

async function readNewestApplied(client: Client): Promise<number> {
  const table = await client.query<{ exists: boolean }>(
    `select to_regclass('drizzle.__drizzle_migrations') is not null as exists`,
  );
  if (table.rows[0]?.exists !== true) return 0;
  const newest = await client.query<{ moment: string | null }>(
    'select max(created_at) as moment from drizzle.__drizzle_migrations',
  );
  return Number(newest.rows[0]?.moment ?? 0);
}
