import type { Client } from 'pg';
import { findHolder, tryLock } from './advisory-lock.ts';
import { DatabaseProblem } from './database-problem.ts';
import { directoryId } from '../installation.ts';

/** PostgreSQL needs a moment to notice that the session of a killed predecessor is gone. */
const PATIENCE_MS = 3_000;

/**
 * One gateway per data directory, for as long as this session lives. The key is a random number in that directory, so
 * that it holds wherever the directory is mounted and with any database.
 */
export async function lockInstance(client: Client, dataDir: string): Promise<void> {
  const lock = Number.parseInt((await directoryId(dataDir)).slice(0, 8), 16) | 0x40000000;
  if (await tryLock(client, lock, PATIENCE_MS)) return;
  const holder = await findHolder(client, lock);
  throw new DatabaseProblem(
    'already-running',
    `Another gateway (${holder ?? 'just ended'}) uses the data in ${dataDir}. Stop it, or start this one with another SEALGATE_DATA_DIR.`,
  );
}
