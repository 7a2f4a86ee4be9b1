import { sql } from 'drizzle-orm';
import type { Transaction } from '../db/index.ts';

/** Every kind of job, and what it has to know. Ids only: what a job knows is not sealed. */
export interface JobPayloads {
  'send-mail': { readonly mailId: string };
  'send-alert': { readonly organizationId: string; readonly messageId: string };
  'resume-alerts': Readonly<Record<string, never>>;
  'erase-accounts': Readonly<Record<string, never>>;
  purge: Readonly<Record<string, never>>;
}

export type JobName = keyof JobPayloads;

export interface JobToAdd<Name extends JobName> {
  readonly payload: JobPayloads[Name];
  /** Of jobs with one key the latest waits, instead of those before. */
  readonly key?: string;
}

/** Sixteen hours of trying, each time after a longer pause. */
const MAX_ATTEMPTS = 12;

/** The lowest first: strangers' servers may be slow, and nothing is to wait for them. */
const PRIORITIES: Readonly<Record<JobName, number>> = {
  'send-mail': 0,
  'send-alert': 10,
  'resume-alerts': 0,
  'erase-accounts': 0,
  purge: 0,
};

/** Decides on a job: it runs if and only if the transaction is committed. */
export function addJob<Name extends JobName>(
  transaction: Transaction,
  name: Name,
  payload: JobPayloads[Name],
): Promise<void> {
  return addJobs(transaction, name, [{ payload }]);
}

/** The same for many, in one statement. */
export async function addJobs<Name extends JobName>(
  transaction: Transaction,
  name: Name,
  jobs: readonly JobToAdd<Name>[],
): Promise<void> {
  if (jobs.length === 0) return;
  await transaction.execute(sql`
    select graphile_worker.add_job(${name}, job -> 'payload', job_key => job ->> 'key',
      max_attempts => ${MAX_ATTEMPTS}, priority => ${PRIORITIES[name]})
    from json_array_elements(${JSON.stringify(jobs)}::json) as job`);
}
