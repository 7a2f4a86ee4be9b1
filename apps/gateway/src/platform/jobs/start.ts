import { Logger, run, type RunnerOptions } from 'graphile-worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/index.ts';
import type { JobPayloads } from './add.ts';
import { ABANDONED_AFTER_MS, unlockAbandoned } from './unlock-abandoned.ts';

export type Jobs = {
  readonly [Name in keyof JobPayloads]: (payload: JobPayloads[Name]) => Promise<void>;
};

export interface JobRunner {
  /** Lets the jobs that run now finish. */
  close(): Promise<void>;
}

export interface JobLog {
  debug(text: string): void;
  warn(text: string): void;
}

export interface JobsToRun {
  readonly database: Pick<Database, 'pool' | 'kind'>;
  readonly jobs: Jobs;
  readonly log: JobLog;
}

/** In UTC, once among all gateways of the database. */
const TIMETABLE = [
  '* * * * * resume-alerts',
  '*/10 * * * * purge',
  '7 * * * * erase-accounts',
  '*/10 * * * * request-auto-top-ups',
  '17 * * * * check-payments',
  // Every hour: months end at different hours, and the first one after a time without jobs catches up.
  '3 * * * * issue-invoices',
  // Every minute: a plan goes on from the first moment of a month, and its fee is to follow at once.
  '* * * * * charge-plan-fees',
];
/** New jobs are announced; asking is for those that failed and wait. */
const ASK_EVERY_MS = 10_000;
const RESTART_MS = 5_000;
const LOOK_FOR_ABANDONED_MS = 60_000;
/** Most of a job is waiting for somebody's server. */
const CONCURRENCY = 6;

/** Runs jobs of the database until closed, however often the database goes away meanwhile. */
export function startJobs(work: JobsToRun): JobRunner {
  const stop = new AbortController();
  const running = runForever(work, stop.signal);
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

async function runForever(work: JobsToRun, signal: AbortSignal): Promise<void> {
  const unlock = (lockedForMs: number): Promise<void> =>
    unlockAbandoned(work.database, lockedForMs).catch((error: unknown) =>
      work.log.warn(`abandoned jobs cannot be taken up (${String(error)})`),
    );
  // Nobody else has the embedded database: whatever is locked there was abandoned.
  await unlock(work.database.kind === 'embedded' ? 0 : ABANDONED_AFTER_MS);
  const timer = setInterval(() => void unlock(ABANDONED_AFTER_MS), LOOK_FOR_ABANDONED_MS).unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  while (!signal.aborted) {
    try {
      await runUntilStopped(work, signal);
    } catch (error) {
      work.log.warn(`jobs stopped (${String(error)}); they start again shortly`);
    }
    if (!signal.aborted) await sleep(RESTART_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function runUntilStopped(work: JobsToRun, signal: AbortSignal): Promise<void> {
  const runner = await run({
    ...runnerOptions(work),
    concurrency: CONCURRENCY,
    pollInterval: ASK_EVERY_MS,
    crontab: TIMETABLE.join('\n'),
  });
  const stop = (): void => void runner.stop().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await runner.promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** In batches, if only of one, else a result that cannot be stored is a rejection that nobody handles. */
const AWAITED = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const LOUD = new Set<string>(['error', 'warning']);

export function runnerOptions({ database, jobs, log }: JobsToRun): RunnerOptions {
  return {
    pgPool: database.pool,
    noHandleSignals: true,
    preset: { worker: AWAITED },
    logger: new Logger(() => (level, message) => {
      // Its errors are failed attempts, which come again.
      if (LOUD.has(level)) log.warn(message);
      else log.debug(message);
    }),
    taskList: Object.fromEntries(
      Object.entries(jobs).map(([name, job]) => [name, (payload) => job(payload as never)]),
    ),
  };
}
