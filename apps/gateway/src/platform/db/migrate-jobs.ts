import { Logger, runMigrations } from 'graphile-worker';
import type { Pool } from 'pg';

/** Brings the tables of the jobs up to date: here, because whoever decides on a job needs them, not only who runs it. */
export async function migrateJobs(pool: Pool): Promise<void> {
  await runMigrations({ pgPool: pool, logger: new Logger(() => () => undefined) });
}
