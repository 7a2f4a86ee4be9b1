import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../platform/context.ts';
import { routingVersions, type Database } from '../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/testing.ts';
import { createFragileDatabase } from '../../platform/db/testing-outage.ts';
import { testContext } from '../../platform/testing-context.ts';
import { ConversationMemory, QualityBook, VersionWatch } from '../routing/index.ts';
import { modelOf } from '../upstreams/testing.ts';
import { openExperience, type Experience, type Knowledge } from './open-experience.ts';
import { plantGeneration, vote } from './testing.ts';

const NOW_MS = Date.UTC(2026, 0, 2);

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { clock: () => NOW_MS });
});
afterAll(() => database.close());
beforeEach(() =>
  database.admin.execute(
    sql`truncate routing_decisions, routing_lessons, routing_snapshots, routing_versions, feedback, generations`,
  ),
);

const running: Experience[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

interface Gateway extends Knowledge {
  readonly experience: Experience;
  readonly warnings: string[];
}

async function startGateway(
  seen: Pick<Database, 'store' | 'createClient'> = database,
): Promise<Gateway> {
  const knowledge = {
    book: new QualityBook(() => ({ mean: 0.7, worth: 20 })),
    conversations: new ConversationMemory(),
    versions: new VersionWatch(),
  };
  const warnings: string[] = [];
  const experience = await openExperience({
    ...knowledge,
    database: seen,
    clock: () => NOW_MS,
    onTaught: () => {},
    lookEveryMs: 300,
    log: { warn: (_facts: unknown, text?: string) => void warnings.push(text ?? '') },
  });
  running.push(experience);
  return { ...knowledge, experience, warnings };
}

async function rated(): Promise<void> {
  await vote(ctx, await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one' }), { rating: 1 });
}

const PATIENCE = { timeout: 15_000 };
const untilRatings = async (gateway: Gateway, ratings: number): Promise<void> =>
  expect.poll(() => gateway.book.ratingsOf('a/one'), PATIENCE).toBe(ratings);

describe('gateways of one database', () => {
  test('learn from a vote as soon as it is given, all of them', async () => {
    const gateways = [await startGateway(), await startGateway()];
    await rated();
    for (const gateway of gateways) await untilRatings(gateway, 1);
  });

  test('know at their start what the others have learned', async () => {
    await untilRatings((await rated(), await startGateway()), 1);
    expect((await startGateway()).book.ratingsOf('a/one')).toBe(1);
  });

  test('learn what was said where nobody hears anything', async () => {
    const deaf = await createFragileDatabase(database);
    await deaf.cut();
    const gateway = await startGateway({
      store: database.store,
      createClient: () => deaf.createClient(),
    });
    await rated();
    await untilRatings(gateway, 1);
    await running.pop()?.close();
    await deaf.close();
  });

  test('listen again after the line was lost', async () => {
    const gateway = await startGateway();
    await database.admin.execute(sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'sealgate listener%'`);
    await rated();
    await untilRatings(gateway, 1);
  });

  test('tell each other on which model a conversation is, and still know after a restart', async () => {
    const gateway = await startGateway();
    const decision = { conversation: 'a-talk' };
    await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one', decision });
    await expect.poll(() => gateway.conversations.modelOf('a-talk'), PATIENCE).toBe('a/one');
    expect((await startGateway()).conversations.modelOf('a-talk')).toBe('a/one');
  });

  test('keep conversations where an answer came from last, and forget those of yesterday', async () => {
    const planted = { prompt: 'Hi', decision: { conversation: 'a-talk', chosen: 'a/one' } };
    await plantGeneration(ctx, { ...planted, model: 'a/one' });
    const changes = { startedAtMs: NOW_MS + 1_000 };
    await plantGeneration(ctx, { ...planted, model: 'b/two', changes });
    const yesterday = { startedAtMs: NOW_MS - 25 * 3_600_000 };
    const old = { ...planted, decision: { conversation: 'old' }, changes: yesterday };
    await plantGeneration(ctx, { ...old, model: 'a/one' });
    const { conversations } = await startGateway();
    expect(conversations.modelOf('a-talk')).toBe('b/two');
    expect(conversations.modelOf('old')).toBeUndefined();
  });

  test('remember versions of models by their hashes alone, and know them after a restart', async () => {
    const model = { ...modelOf({}), id: 'a/one' };
    const answered = 'whatever a host says, even a prompt';
    const first = await startGateway();
    const version = first.versions.note(model, answered) ?? '';
    first.experience.noteVersion('a/one', version);
    await expect.poll(() => database.admin.$count(routingVersions), PATIENCE).toBe(1);
    const [row] = await database.admin.select().from(routingVersions);
    expect(row?.version).toMatch(/^[\w-]{16}$/);
    const { versions } = await startGateway();
    for (let count = 0; count < 40; count += 1)
      expect(versions.note(model, answered)).toBeUndefined();
  });
});

describe('without a database', () => {
  test('nothing is learned and one line says so; votes wait', async () => {
    const fragile = await createFragileDatabase(database);
    const gateway = await startGateway(fragile);
    await fragile.cut();
    for (let count = 0; count < 3; count += 1) await rated();
    await expect.poll(() => gateway.warnings, PATIENCE).toHaveLength(1);
    await fragile.mend();
    await untilRatings(gateway, 3);
    expect(gateway.warnings).toHaveLength(1);
    await running.pop()?.close();
    await fragile.close();
  });
});
