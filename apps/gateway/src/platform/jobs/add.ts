import { sql } from 'drizzle-orm';
import type { Transaction } from '../db/index.ts';

/** Every kind of job, and what it has to know. Ids only: what a job knows is not sealed. */
export interface JobPayloads {
  'send-mail': { readonly mailId: string };
  'send-alert': { readonly organizationId: string; readonly messageId: string };
  'resume-alerts': Readonly<Record<string, never>>;
  'erase-accounts': Readonly<Record<string, never>>;
  purge: Readonly<Record<string, never>>;
  'follow-payment-event': { readonly eventId: string };
  'charge-top-up': { readonly organizationId: string; readonly topUpId: string };
  'request-auto-top-ups': Readonly<Record<string, never>>;
  'check-payments': Readonly<Record<string, never>>;
  'issue-invoices': Readonly<Record<string, never>>;
  'charge-plan-fees': Readonly<Record<string, never>>;
}

export type JobName = keyof JobPayloads;

export interface JobToAdd<Name extends JobName> {
  readonly payload: JobPayloads[Name];
  /** Of jobs with one key the latest waits, instead of those before. */
  readonly key?: string | undefined;
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
  'follow-payment-event': 0,
  'charge-top-up': 0,
  'request-auto-top-ups': 0,
  'check-payments': 0,
  'issue-invoices': 5,
  'charge-plan-fees': 0,
};

/** Decides on a job: it runs if and only if the transaction is committed. Of one key no second one waits. */
export function addJob<Name extends JobName>(
  transaction: Transaction,
  name: Name,
  payload: JobPayloads[Name],
  key?: string,
): Promise<void> {
  return addJobs(transaction, name, [{ payload, key }]);
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
      job_key_mode => 'preserve_run_at', max_attempts => ${MAX_ATTEMPTS}, priority => ${PRIORITIES[name]})
    from json_array_elements(${JSON.stringify(jobs)}::json) as job`);
}
