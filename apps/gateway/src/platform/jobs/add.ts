import { sql } from 'drizzle-orm';
import type { Transaction } from '../db/index.ts';

/** Every kind of job, and what it has to know. Ids only: what a job knows is not sealed. */
export interface JobPayloads {
  'send-mail': { readonly mailId: string };
  'erase-accounts': Readonly<Record<string, never>>;
  purge: Readonly<Record<string, never>>;
  'follow-payment-event': { readonly eventId: string };
  'charge-top-up': { readonly organizationId: string; readonly topUpId: string };
  'request-auto-top-ups': Readonly<Record<string, never>>;
  'check-payments': Readonly<Record<string, never>>;
  'issue-invoices': Readonly<Record<string, never>>;
}

export type JobName = keyof JobPayloads;

/** Sixteen hours of trying, each time after a longer pause. */
const MAX_ATTEMPTS = 12;

/** Decides on a job: it runs if and only if the transaction is committed. Of one key no second one waits. */
export async function addJob<Name extends JobName>(
  transaction: Transaction,
  name: Name,
  payload: JobPayloads[Name],
  key: string | null = null,
): Promise<void> {
  await transaction.execute(
    sql`select graphile_worker.add_job(${name}, ${JSON.stringify(payload)}::json, max_attempts => ${MAX_ATTEMPTS},
      job_key => ${key}::text, job_key_mode => 'preserve_run_at')`,
  );
}
