import { sql } from 'drizzle-orm';
import type { Transaction } from '../db/index.ts';

/** Every kind of job, and what it has to know. Ids only: what a job knows is not sealed. */
export interface JobPayloads {
  'send-mail': { readonly mailId: string };
  'erase-accounts': Readonly<Record<string, never>>;
  purge: Readonly<Record<string, never>>;
}

export type JobName = keyof JobPayloads;

/** Sixteen hours of trying, each time after a longer pause. */
const MAX_ATTEMPTS = 12;

/** Decides on a job: it runs if and only if the transaction is committed. */
export async function addJob<Name extends JobName>(
  transaction: Transaction,
  name: Name,
  payload: JobPayloads[Name],
): Promise<void> {
  await transaction.execute(
    sql`select graphile_worker.add_job(${name}, ${JSON.stringify(payload)}::json, max_attempts => ${MAX_ATTEMPTS})`,
  );
}
