import type { Client } from 'pg';
import { findHolder, LOCKS, tryLock, tryLockShared } from './advisory-lock.ts';
import { DatabaseProblem } from './database-problem.ts';

/** PostgreSQL needs a moment to notice that the session of a killed process is gone. */
const PATIENCE_MS = 3_000;

/**
 * For as long as this session lives: either many use what is sealed in the database, or one changes the master key under which it
 * is. Whoever comes in between is told so, and does not wait.
 */
export async function lockMasterKey(session: Client, isAlone: boolean): Promise<void> {
  const lock = isAlone ? tryLock : tryLockShared;
  if (await lock(session, LOCKS.masterKey, PATIENCE_MS)) return;
  const holder = (await findHolder(session, LOCKS.masterKey)) ?? 'just ended';
  throw new DatabaseProblem(
    'in-use',
    isAlone
      ? `A gateway or a command uses this database now (${holder}). Stop every gateway first.`
      : `The master key is being changed now (${holder}). Try again when that has ended.`,
  );
}
