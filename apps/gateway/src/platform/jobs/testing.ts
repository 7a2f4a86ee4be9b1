import { runOnce } from 'graphile-worker';
import { runnerOptions, type Jobs, type JobsToRun } from './start.ts';

/** Jobs that do nothing, for tests of one of them. */
export const idleJobs: Jobs = {
  'send-mail': async () => {},
  'send-alert': async () => {},
  'resume-alerts': async () => {},
  'erase-accounts': async () => {},
  purge: async () => {},
};

/** Runs every job that is due, through the real worker, and returns when none is left. */
export async function runDueJobs(work: Omit<JobsToRun, 'log'>): Promise<void> {
  const log = { debug: () => undefined, warn: () => undefined };
  await runOnce(runnerOptions({ ...work, log }));
}
