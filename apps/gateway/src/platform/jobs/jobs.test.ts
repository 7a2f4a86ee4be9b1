import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inSystem, type Transaction } from '../db/index.ts';
import { createTestDatabase, type TestDatabase } from '../db/testing.ts';
import { addJob, addJobs, startJobs, type Jobs } from './index.ts';
import { IDLE_JOBS, runDueJobs } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

let done: string[];
let failures: number;
beforeEach(() => {
  done = [];
  failures = 0;
});

const jobs: Jobs = {
  ...IDLE_JOBS,
  'send-mail': async ({ mailId }) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('the server is away');
    }
    done.push(mailId);
  },
};
const log = { debug: () => undefined, warn: () => undefined };
const add = (mailId: string) => (transaction: Transaction) =>
  addJob(transaction, 'send-mail', { mailId });
const waiting = async () =>
  (await database.admin.execute(sql`select attempts, last_error from graphile_worker.jobs`)).rows;

describe('a job', () => {
  test('runs as soon as its transaction is committed, once', async () => {
    const runner = startJobs({ database, jobs, log });
    await inSystem(database, add('mail_1'));
    await expect.poll(() => done, { timeout: 20_000 }).toEqual(['mail_1']);
    await runner.close();
    expect(await waiting()).toEqual([]);
  });

  test('with the key of one that waits takes its place, and mails go before alerts', async () => {
    const names: string[] = [];
    await inSystem(database, async (transaction) => {
      for (const messageId of ['whk_1', 'whk_2', 'whk_1']) {
        const payload = { organizationId: 'org_1', messageId };
        await addJobs(transaction, 'send-alert', [{ payload, key: messageId }]);
      }
      await add('mail_7')(transaction);
    });
    await runDueJobs({
      database,
      jobs: {
        ...jobs,
        'send-mail': async ({ mailId }) => void names.push(mailId),
        'send-alert': async ({ messageId }) => void names.push(messageId),
      },
    });
    expect(names[0]).toBe('mail_7');
    expect(names.toSorted()).toEqual(['mail_7', 'whk_1', 'whk_2']);
  });

  test('of a transaction that was taken back never runs', async () => {
    const taken = inSystem(database, async (transaction) => {
      await add('mail_2')(transaction);
      throw new Error('no');
    });
    await expect(taken).rejects.toThrow('no');
    await runDueJobs({ database, jobs });
    expect(done).toEqual([]);
  });

  test('that failed is tried again later', async () => {
    failures = 1;
    await inSystem(database, add('mail_3'));
    await runDueJobs({ database, jobs });
    await expect.poll(waiting).toEqual([{ attempts: 1, last_error: 'the server is away' }]);
    await runDueJobs({ database, jobs });
    expect(done).toEqual([]);
    await database.admin.execute(
      sql`update graphile_worker._private_jobs set run_at = now() - interval '1 second'`,
    );
    await runDueJobs({ database, jobs });
    expect(done).toEqual(['mail_3']);
    expect(await waiting()).toEqual([]);
  });
});

test('jobs go on after results could not be stored', async () => {
  const rename = (from: string, to: string) =>
    database.admin.execute(sql.raw(`alter table graphile_worker.${from} rename to ${to}`));
  const breaking: Jobs = {
    ...jobs,
    'send-mail': async ({ mailId }) => {
      if (mailId === 'mail_5') await rename('_private_jobs', 'hidden');
      done.push(mailId);
    },
  };
  let warnings = 0;
  const counting = { debug: () => undefined, warn: () => void (warnings += 1) };
  const runner = startJobs({ database, jobs: breaking, log: counting });
  await inSystem(database, add('mail_5'));
  await expect.poll(() => warnings, { timeout: 20_000 }).toBeGreaterThan(0);
  await rename('hidden', '_private_jobs');
  await inSystem(database, add('mail_6'));
  await expect.poll(() => done, { timeout: 20_000 }).toEqual(['mail_5', 'mail_6']);
  await runner.close();
  await database.admin.execute(sql`delete from graphile_worker._private_jobs`);
});

test('a job whose process died is taken up again: at once where nobody else can have it, else after ten minutes', async () => {
  const lock = (mailId: string, ago: string) =>
    database.admin.execute(sql`
      update graphile_worker._private_jobs set locked_by = ${`worker-${mailId}`}, locked_at = now() - ${ago}::interval
      where payload ->> 'mailId' = ${mailId}`);
  for (const [mailId, ago] of [
    ['mail_8', '9 minutes'],
    ['mail_9', '11 minutes'],
  ] as const) {
    await inSystem(database, add(mailId));
    await lock(mailId, ago);
  }
  for (const [kind, expected] of [
    ['external', ['mail_9']],
    ['embedded', ['mail_9', 'mail_8']],
  ] as const) {
    const runner = startJobs({ database: { pool: database.pool, kind }, jobs, log });
    await inSystem(database, add(`after ${kind}`));
    await expect.poll(() => done.includes(`after ${kind}`), { timeout: 20_000 }).toBe(true);
    await runner.close();
    expect(done.filter((mailId) => mailId.startsWith('mail_'))).toEqual(expected);
  }
});

test('closing waits for the job that runs', async () => {
  let onStart = (): void => undefined;
  const started = new Promise<void>((resolve) => (onStart = resolve));
  const slow: Jobs = {
    ...jobs,
    'send-mail': async ({ mailId }) => {
      onStart();
      await new Promise((resolve) => setTimeout(resolve, 50));
      done.push(mailId);
    },
  };
  const runner = startJobs({ database, jobs: slow, log });
  await inSystem(database, add('mail_4'));
  await started;
  await runner.close();
  expect(done).toEqual(['mail_4']);
});
