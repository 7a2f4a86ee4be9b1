import { runOnce } from 'graphile-worker';
import { runnerOptions, type Jobs, type JobsToRun } from './start.ts';

/** Runs every job that is due, through the real worker, and returns when none is left. */
export async function runDueJobs(work: Omit<JobsToRun, 'log'>): Promise<void> {
  const log = { debug: () => undefined, warn: () => undefined };
  await runOnce(runnerOptions({ ...work, log }));
}

const nothing = async (): Promise<void> => {};

/** Every job, and none does anything: a test names those that it is about. */
export const IDLE_JOBS: Jobs = {
  'send-mail': nothing,
  'send-alert': nothing,
  'resume-alerts': nothing,
  'erase-accounts': nothing,
  purge: nothing,
  'follow-payment-event': nothing,
  'charge-top-up': nothing,
  'request-auto-top-ups': nothing,
  'check-payments': nothing,
  'issue-invoices': nothing,
  'charge-plan-fees': nothing,
};
