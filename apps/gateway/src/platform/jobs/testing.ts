import { runOnce } from 'graphile-worker';
import { runnerOptions, type JobsToRun } from './start.ts';

/** Runs every job that is due, through the real worker, and returns when none is left. */
export async function runDueJobs(work: Omit<JobsToRun, 'log'>): Promise<void> {
  const log = { debug: () => undefined, warn: () => undefined };
  await runOnce(runnerOptions({ ...work, log }));
}
