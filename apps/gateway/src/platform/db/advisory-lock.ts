import { sql } from 'drizzle-orm';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import type { Transaction } from './database.ts';

/** First half of all our advisory lock keys ("seal"), so that a shared PostgreSQL's other users do not meet them. */
const NAMESPACE = 0x7365616c;

export const LOCKS = {
  migration: 1,
  /** Shared by everybody who uses an embedded server; who can take it alone is the last. */
  embeddedServerUse: 2,
  firstRun: 3,
  applicationRole: 4,
  /** Shared by everybody who seals or opens anything; who changes the master key has it alone. */
  masterKey: 5,
  /** Of whoever writes lessons of the router. */
  lessons: 6,
} as const;

const RETRY_MS = 50;

export async function lockShared(client: ClientBase, lock: number): Promise<void> {
  await client.query('select pg_advisory_lock_shared($1, $2)', [NAMESPACE, lock]);
}

export async function unlockShared(client: ClientBase, lock: number): Promise<void> {
  await client.query('select pg_advisory_unlock_shared($1, $2)', [NAMESPACE, lock]);
}

/** Tries until the time is over. */
export const tryLock = (client: ClientBase, lock: number, patienceMs: number): Promise<boolean> =>
  tryUntil(client, 'select pg_try_advisory_lock($1, $2) as granted', lock, patienceMs);

export const tryLockShared = (
  client: ClientBase,
  lock: number,
  patienceMs: number,
): Promise<boolean> =>
  tryUntil(client, 'select pg_try_advisory_lock_shared($1, $2) as granted', lock, patienceMs);

async function tryUntil(
  client: ClientBase,
  statement: string,
  lock: number,
  patienceMs: number,
): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await client.query<{ granted: boolean }>(statement, [NAMESPACE, lock]);
    if (answer.rows[0]?.granted === true) return true;
    if (performance.now() >= deadline) return false;
    await sleep(RETRY_MS);
  }
}

/** The `application_name` of the session that holds the lock. */
export async function findHolder(client: ClientBase, lock: number): Promise<string | undefined> {
  const answer = await client.query<{ name: string }>(
    `select application_name as name from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and classid = $1 and objid = $2 and granted`,
    [NAMESPACE, lock],
  );
  return answer.rows[0]?.name;
}

/** Runs the work while no other session runs work under the same lock. */
export async function exclusively<Result>(
  client: ClientBase,
  lock: number,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('select pg_advisory_lock($1, $2)', [NAMESPACE, lock]);
  try {
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1, $2)', [NAMESPACE, lock]);
  }
}

/** Held until the transaction ends. */
export async function lockTransaction(transaction: Transaction, lock: number): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${NAMESPACE}, ${lock})`);
}
