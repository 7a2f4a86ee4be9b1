import { asc, eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../platform/context.ts';
import {
  apiKeys,
  feedback,
  organizations,
  routingDecisions,
  routingLessons,
  routingSnapshots,
} from '../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/testing.ts';
import { testContext } from '../../platform/testing-context.ts';
import {
  featuresFromBytes,
  stateToBytes,
  QualityModel,
  type Features,
} from '../routing/learning/index.ts';
import { QualityBook } from '../routing/index.ts';
import { forgetExperience } from './forget-experience.ts';
import { Learner } from './learner.ts';
import type { Taught } from './teach.ts';
import { featuresOf, plantGeneration, vote, withdrawVote } from './testing.ts';

let database: TestDatabase;
let ctx: Context;
let nowMs = Date.UTC(2026, 0, 2);
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { clock: () => nowMs });
});
afterAll(() => database.close());
const forgetAll = () =>
  database.admin.execute(
    sql`truncate routing_decisions, routing_lessons, routing_snapshots, routing_versions, feedback, generations, api_keys`,
  );
beforeEach(forgetAll);

async function plantKey(
  organizationId: string,
  changes: Partial<typeof apiKeys.$inferInsert> = {},
): Promise<void> {
  const id = `key_of_${organizationId}`;
  await database.admin
    .insert(organizations)
    .values({ id: organizationId, name: 'x', kind: 'team' })
    .onConflictDoNothing();
  const secretHash = Buffer.from(id);
  await database.admin
    .insert(apiKeys)
    .values({ id, organizationId, name: 'x', prefix: 'x', secretHash, ...changes });
}

const PRIOR = { mean: 0.7, worth: 20 };
const SNAPSHOT_EVERY = 5;

/** One gateway, as far as learning goes. */
class Process {
  book = new QualityBook(() => PRIOR);
  /** Breaks every statement that writes a time. */
  isBroken = false;
  readonly taught: Taught[] = [];
  learner = this.#start();

  #start(): Learner {
    return new Learner({
      store: database.store,
      book: this.book,
      clock: () => (this.isBroken ? Number.NaN : nowMs),
      snapshotEvery: SNAPSHOT_EVERY,
      onTaught: (one) => this.taught.push(one),
    });
  }

  restart(): void {
    this.book = new QualityBook(() => PRIOR);
    this.learner = this.#start();
  }

  /** Everything that it has learned, to the last bit. */
  knowledge(): Record<string, string> {
    return Object.fromEntries(
      this.book
        .pages()
        .map(({ modelId, state, suspicion, trustedFrom }) => [
          modelId,
          `${Buffer.from(stateToBytes(state)).toString('base64')} ${suspicion} ${trustedFrom}`,
        ]),
    );
  }
}

const log = () =>
  database.admin.select().from(routingLessons).orderBy(asc(routingLessons.position));

const inForce = async (): Promise<Record<string, string | null>> => {
  const rows = await log();
  return Object.fromEntries(
    rows
      .filter(({ kind, undoneBy }) => kind === 'learn' && undoneBy === null)
      .map(({ generationId, signal }) => [generationId ?? '', signal]),
  );
};

const PROMPTS = ['What is 3 + 4?', 'Spell whale backwards', '鲸鱼是什么', 'def f(x): return x'];
const MODELS = ['a/one', 'b/two'];

describe('processes that learn together', () => {
  const which = fc.nat();
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('generate' as const), which }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('vote' as const),
        which,
        rating: fc.constantFrom(1 as const, -1 as const),
        rater: fc.constantFrom('usr_1', 'usr_2', 'usr_3'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), which }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('teach' as const), which }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('fail' as const), which }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('catch-up' as const), which }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), which }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('version' as const), which }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('rush' as const), which }) },
  );
  type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

  const pick = <T>(from: readonly T[], which: number): T => {
    const picked = from[which % Math.max(1, from.length)];
    if (picked === undefined) throw new Error('impossible: nothing to pick from');
    return picked;
  };

  /** What comes of random doings of some processes; nobody hears notifications. */
  async function play(operations: readonly Operation[], processes: readonly Process[]) {
    const generations = [await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one' })];
    for (const one of operations) {
      nowMs += 1_000;
      const { which } = one;
      const process = pick(processes, which);
      const doings = {
        generate: async () => {
          const planted = { prompt: pick(PROMPTS, which), model: pick(MODELS, which >> 2) };
          generations.push(await plantGeneration(ctx, planted));
        },
        vote: () => one.kind === 'vote' && vote(ctx, pick(generations, which), one),
        withdraw: () => withdrawVote(database, pick(generations, which)),
        teach: () => process.learner.teachDue(),
        'catch-up': () => process.learner.catchUp(),
        restart: () => process.restart(),
        version: () => process.learner.noteVersion(pick(MODELS, which >> 2), `v${which % 3}`),
        fail: async () => {
          process.isBroken = true;
          await process.learner.teachDue().catch(() => undefined);
          process.isBroken = false;
        },
        rush: () =>
          Promise.all([
            ...processes.map(({ learner }) => learner.teachDue()),
            ...generations
              .slice(-4)
              .map((id, at) => vote(ctx, id, { rating: (which >> at) % 2 === 0 ? 1 : -1 })),
            ...processes.map(({ learner }) => learner.teachDue()),
          ]),
      } as const satisfies Record<Operation['kind'], () => unknown>;
      await doings[one.kind]();
    }
  }

  const orNone = (number: number | null): number => number ?? Number.NaN;

  function found<Key, Value>(map: ReadonlyMap<Key, Value>, key: NoInfer<Key> | null | undefined) {
    const value = key === null || key === undefined ? undefined : map.get(key);
    if (value === undefined) throw new Error(`nothing of ${String(key)}`);
    return value;
  }

  async function storedFeatures(): Promise<ReadonlyMap<string, Features>> {
    const decisions = await database.admin.select().from(routingDecisions);
    return new Map(
      decisions.flatMap(({ generationId, features }) => {
        const read = featuresFromBytes(features ?? Buffer.alloc(0));
        return read ? [[generationId, read] as const] : [];
      }),
    );
  }

  /** One process that sees every vote in the order of the log, and has no snapshots, no others, and no bytes of lessons. */
  async function seeAll(): Promise<ReadonlyMap<string, QualityModel>> {
    const features = await storedFeatures();
    const models = new Map<string, QualityModel>();
    const lessons = new Map<number, ReturnType<QualityModel['learn']>>();
    const rows = await log();
    for (const row of rows) {
      const model = models.get(row.modelId) ?? QualityModel.fromPrior(PRIOR);
      models.set(row.modelId, model);
      if (row.kind === 'reset') models.set(row.modelId, model.successor());
      else if (row.kind === 'learn') {
        const rating = { label: orNone(row.label), weight: orNone(row.weight) };
        lessons.set(row.position, model.learn(found(features, row.generationId), rating));
      } else {
        const undone = rows.find(({ undoneBy }) => undoneBy === row.position);
        model.undo(found(lessons, undone?.position));
      }
      if (row.position % SNAPSHOT_EVERY === 0) for (const each of models.values()) each.state();
    }
    return models;
  }

  test('all know the same to the last bit, which is what one that saw every vote would know', async () => {
    const seen = { lessons: 0, undone: 0, resets: 0, snapshots: 0 };
    const histories = fc.array(operation, { minLength: 30, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(histories, async (operations) => {
        await forgetAll();
        const processes = [new Process(), new Process(), new Process()];
        await play(operations, processes);
        await processes[0]?.learner.teachDue();
        // One that never took part has only the snapshot and the log.
        const all = [...processes, new Process()];
        for (const { learner } of all) await learner.catchUp();
        const models = await seeAll();
        const expected = Object.fromEntries(
          Array.from(models, ([id, model]) => [
            id,
            Buffer.from(stateToBytes(model.state())).toString('base64'),
          ]),
        );
        for (const process of all) {
          const known = process.knowledge();
          expect(known).toEqual(all[0]?.knowledge());
          const states = Object.entries(known).map(([id, text]) => [id, text.split(' ')[0]]);
          expect(Object.fromEntries(states)).toEqual(expected);
        }
        const rows = await log();
        expect(rows.map(({ position }) => position)).toEqual(rows.map((_, at) => at + 1));
        for (const { kind, undoneBy } of rows) {
          if (kind === 'learn') seen.lessons += 1;
          if (kind === 'reset') seen.resets += 1;
          if (undoneBy !== null) seen.undone += 1;
        }
        seen.snapshots += await database.admin.$count(routingSnapshots);
      }),
      { numRuns: 12, endOnFailure: true },
    );
    // Each must have happened, as it all but certainly does, or the property says nothing.
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(2);
  });
});

describe('a vote', () => {
  const teach = async (process = new Process()): Promise<Process> => {
    await process.learner.teachDue();
    return process;
  };
  const predict = ({ book }: Process, model: string, prompt = 'Hi'): number =>
    book.predict(model, featuresOf(prompt));

  test('teaches about the model that served, once, whoever is told to learn', async () => {
    const id = await plantGeneration(ctx, { prompt: 'Hi', model: 'b/two' });
    await vote(ctx, id, { rating: -1 });
    const [first, second] = [new Process(), new Process()];
    await Promise.all([teach(first), teach(second), teach(first)]);
    await Promise.all([first.learner.catchUp(), second.learner.catchUp()]);
    expect(await log()).toMatchObject([
      {
        position: 1,
        kind: 'learn',
        modelId: 'b/two',
        organizationId: 'org_1',
        generationId: id,
        signal: 'rated-bad',
        rater: 'usr_1',
        keyId: 'key_of_usr_1',
        label: 0,
        weight: 1,
        predicted: 0.7,
      },
    ]);
    for (const process of [first, second]) {
      expect(predict(process, 'b/two')).toBeLessThan(0.7);
      expect(predict(process, 'a/one')).toBe(0.7);
      expect(process.book.ratingsOf('b/two')).toBe(1);
    }
    expect([...first.taught, ...second.taught]).toEqual([
      { kind: 'lesson', signal: 'rated-bad', modelId: 'b/two' },
    ]);
  });

  test('that is repeated teaches nothing more, and one that is changed or withdrawn takes its lesson back', async () => {
    const id = await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one' });
    const process = new Process();
    for (let time = 0; time < 2; time += 1) {
      await vote(ctx, id, { rating: 1 });
      await teach(process);
    }
    expect(await inForce()).toEqual({ [id]: 'rated-good' });
    expect(await log()).toHaveLength(1);
    await vote(ctx, id, { rating: -1, rater: 'usr_2' });
    await teach(process);
    expect(await inForce()).toEqual({ [id]: 'rated-bad' });
    expect(predict(process, 'a/one')).toBeLessThan(0.7);
    await withdrawVote(database, id);
    await teach(process);
    expect(await inForce()).toEqual({});
    expect(predict(process, 'a/one')).toBeCloseTo(0.7, 6);
    expect((await log()).map(({ kind }) => kind)).toEqual(['learn', 'undo', 'learn', 'undo']);
  });

  test('that changes again and again ends up teaching nothing', async () => {
    const id = await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one' });
    const process = new Process();
    for (let time = 0; time < 14; time += 1) {
      await vote(ctx, id, { rating: time % 2 === 0 ? 1 : -1 });
      await teach(process);
    }
    expect(await inForce()).toEqual({});
    expect(await log()).toHaveLength(20);
  });

  test.each<[string, Parameters<typeof plantGeneration>[1]]>([
    [
      'whose features were not kept',
      { prompt: 'Hi', model: 'a/one', decision: { features: undefined } },
    ],
    ['that failed', { prompt: 'Hi', model: 'a/one', changes: { outcome: 'failed' } }],
    [
      'of a model that was named',
      { prompt: 'Hi', model: 'a/one', changes: { decision: undefined } },
    ],
    [
      'with features of another format',
      { prompt: 'Hi', model: 'a/one', decision: { features: 'AAAAAA==' } },
    ],
  ])('on an answer %s teaches nothing', async (_what, planted) => {
    const id = await plantGeneration(ctx, planted);
    await vote(ctx, id, { rating: 1 });
    const process = await teach();
    expect(await log()).toEqual([]);
    expect(process.book.has('a/one')).toBe(false);
    expect(await database.admin.$count(routingDecisions, eq(routingDecisions.isDue, true))).toBe(0);
  });

  test('weighs one each time where nobody else has a key or has voted', async () => {
    await plantKey('org_1');
    await plantKey('org_2', { revokedAt: new Date() });
    const process = new Process();
    const rate = async (rater: string): Promise<void> => {
      const id = await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one' });
      await vote(ctx, id, { rating: 1, rater });
      await teach(process);
    };
    for (let time = 0; time < 4; time += 1) await rate('usr_1');
    await rate('usr_2');
    await rate('usr_1');
    const weights = (await log()).map(({ weight }) => weight);
    expect(weights).toEqual([1, 1, 1, 1, 1, 1 / Math.sqrt(5)]);
  });

  test('weighs less the more its rater has said, and nothing beyond a day’s share', async () => {
    await plantKey('org_2');
    const process = new Process();
    const rate = async (rater: string): Promise<void> => {
      const id = await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one' });
      await vote(ctx, id, { rating: 1, rater });
    };
    for (let time = 0; time < 102; time += 1) await rate('usr_1');
    await teach(process);
    const weights = (await log()).map(({ weight }) => weight ?? 0);
    expect(weights.slice(0, 3)).toEqual([1, 1 / Math.sqrt(2), 1 / Math.sqrt(3)]);
    expect(weights).toHaveLength(100);
    await rate('usr_2');
    nowMs += 24 * 3_600_000;
    await rate('usr_1');
    await teach(process);
    const [other, nextDay] = (await log()).slice(-2);
    expect([other?.weight, nextDay?.weight]).toEqual([1, 1 / Math.sqrt(101)]);
  });

  test('that is much worse than expected, again and again, raises suspicion and makes the model be tried anew', async () => {
    const process = new Process();
    const rate = async (count: number, rating: 1 | -1): Promise<void> => {
      for (let time = 0; time < count; time += 1) {
        const id = await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one' });
        await vote(ctx, id, { rating, rater: `usr_${await database.admin.$count(feedback)}` });
      }
      await teach(process);
    };
    await rate(60, 1);
    expect(process.book.ratingsOf('a/one')).toBe(60);
    await rate(20, -1);
    expect(process.taught).toContainEqual({ kind: 'drifted', modelId: 'a/one' });
    expect(process.book.ratingsOf('a/one')).toBeLessThan(20);
  });
});

describe('what is done and not said', () => {
  const again = { prompt: 'What is 3 + 4?', model: 'a/one', decision: { conversation: 'talk' } };
  const learned = async (): Promise<readonly unknown[]> => {
    await new Process().learner.teachDue();
    return (await log()).map(({ generationId, signal, weight }) => [generationId, signal, weight]);
  };

  test('asking the very same again in a conversation counts a little against the answer', async () => {
    const first = await plantGeneration(ctx, again);
    nowMs += 5_000;
    await plantGeneration(ctx, again);
    expect(await learned()).toEqual([[first, 'regenerated', 0.3]]);
  });

  test('what is said counts instead', async () => {
    const first = await plantGeneration(ctx, again);
    nowMs += 5_000;
    await plantGeneration(ctx, again);
    await vote(ctx, first, { rating: 1 });
    expect(await learned()).toEqual([[first, 'rated-good', 1]]);
  });

  test.each<[string, object, object]>([
    ['in another conversation', {}, { decision: { conversation: 'other' } }],
    ['outside of conversations', { decision: { conversation: undefined } }, {}],
    ['something else', {}, { prompt: 'What is 3 + 5 = ?' }],
    ['after a failure', { changes: { outcome: 'timeout' } }, {}],
    ['much later', { changes: { startedAtMs: Date.UTC(2025, 11, 31) } }, {}],
    ['by somebody else', {}, { changes: { organizationId: 'org_2' } }],
  ])('asking %s counts nothing', async (_what, before, after) => {
    await plantGeneration(ctx, { ...again, ...before });
    nowMs += 5_000;
    await plantGeneration(ctx, { ...again, ...after });
    expect(await learned()).toEqual([]);
  });
});

describe('another version of a model', () => {
  const bad = async (): Promise<string> => {
    const id = await plantGeneration(ctx, { prompt: 'Hi', model: 'a/one' });
    await vote(ctx, id, { rating: -1 });
    return id;
  };

  test('keeps little of what was learned, and votes on the old one’s answers teach nothing more', async () => {
    const process = new Process();
    await process.learner.noteVersion('a/one', 'v1');
    const old = await bad();
    await process.learner.teachDue();
    const before = process.book.predict('a/one', featuresOf('Hi'));
    nowMs += 1_000;
    await process.learner.noteVersion('a/one', 'v2');
    const after = process.book.predict('a/one', featuresOf('Hi'));
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThan(0.7);
    expect(process.book.ratingsOf('a/one')).toBe(0);
    await vote(ctx, old, { rating: 1 });
    await process.learner.teachDue();
    expect((await log()).map(({ kind }) => kind)).toEqual(['learn', 'reset']);
    expect(process.taught.at(-1)).toEqual({ kind: 'reset', modelId: 'a/one' });
    await bad();
    await process.learner.teachDue();
    expect(process.book.ratingsOf('a/one')).toBe(1);
  });

  test('resets once, whoever sees it, and going back to one that was seen before resets nothing', async () => {
    const [first, second] = [new Process(), new Process()];
    await bad();
    await first.learner.teachDue();
    for (const version of ['v1', 'v2', 'v1', 'v2', 'v2']) {
      for (const { learner } of [first, second]) await learner.noteVersion('a/one', version);
    }
    expect((await log()).map(({ kind }) => kind)).toEqual(['learn', 'reset']);
  });
});

describe('the log', () => {
  const rate = async (count: number): Promise<void> => {
    for (let time = 0; time < count; time += 1) {
      const id = await plantGeneration(ctx, { prompt: PROMPTS[time % 4] ?? '', model: 'a/one' });
      await vote(ctx, id, { rating: time % 3 === 0 ? -1 : 1 });
    }
  };

  test('can lose what is old and in every snapshot, and nobody forgets anything', async () => {
    const process = new Process();
    await rate(13);
    await process.learner.teachDue();
    nowMs += 91 * 24 * 3_600_000;
    await forgetExperience(ctx, 90);
    // Of positions 5 and 10 there are snapshots; a restart may need the older one.
    expect((await log()).map(({ position }) => position)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13]);
    const restarted = new Process();
    await restarted.learner.catchUp();
    expect(restarted.knowledge()).toEqual(process.knowledge());
    await rate(1);
    await restarted.learner.teachDue();
    expect((await log()).at(-1)?.position).toBe(14);
  });

  test('may have lost what a gateway that slept has missed: it knows the same all the same', async () => {
    const [awake, asleep] = [new Process(), new Process()];
    await rate(2);
    await awake.learner.teachDue();
    await asleep.learner.catchUp();
    await rate(11);
    await awake.learner.teachDue();
    nowMs += 91 * 24 * 3_600_000;
    await forgetExperience(ctx, 90);
    await asleep.learner.catchUp();
    expect(asleep.knowledge()).toEqual(awake.knowledge());
    expect(asleep.learner.position).toBe(13);
  });

  test('keeps what is young, and what no snapshot has', async () => {
    await rate(13);
    await new Process().learner.teachDue();
    await forgetExperience(ctx, 90);
    expect(await log()).toHaveLength(13);
    await forgetAll();
    await rate(4);
    await new Process().learner.teachDue();
    nowMs += 91 * 24 * 3_600_000;
    await forgetExperience(ctx, 90);
    expect(await log()).toHaveLength(4);
  });

  test('can be emptied, or be an older one after a restore: then that is what everybody knows', async () => {
    const [writer, reader] = [new Process(), new Process()];
    await rate(3);
    await writer.learner.teachDue();
    await reader.learner.catchUp();
    await database.admin.delete(routingLessons).where(eq(routingLessons.position, 3));
    const restored = new Process();
    for (const { learner } of [reader, writer, restored]) await learner.catchUp();
    expect(reader.knowledge()).toEqual(restored.knowledge());
    expect(writer.knowledge()).toEqual(restored.knowledge());
    await forgetAll();
    await rate(1);
    await writer.learner.teachDue();
    await reader.learner.catchUp();
    expect([writer, reader].map(({ book }) => book.ratingsOf('a/one'))).toEqual([1, 1]);
    expect(reader.knowledge()).toEqual(writer.knowledge());
  });

  test('is learned from again where no snapshot can be read, and entries of other formats are passed over', async () => {
    const process = new Process();
    await rate(13);
    await process.learner.teachDue();
    await database.admin.update(routingSnapshots).set({ state: Buffer.from('of the future') });
    const restarted = new Process();
    await restarted.learner.catchUp();
    expect(restarted.knowledge()).toEqual(process.knowledge());
    await database.admin.update(routingLessons).set({ lesson: Buffer.from('of the future') });
    const older = new Process();
    await older.learner.catchUp();
    expect(older.learner.position).toBe(13);
    expect(older.book.has('a/one')).toBe(false);
  });
});
