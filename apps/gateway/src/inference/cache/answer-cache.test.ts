import { eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_TOKENS } from '../../customers/billing/index.ts';
import { cachedAnswers, organizations, type Database } from '../../platform/db/index.ts';
import { createFragileDatabase } from '../../platform/db/testing-outage.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/testing.ts';
import { Secret } from '../../platform/secret.ts';
import { createVault } from '../../platform/vault.ts';
import { openAnswerCache, type AnswerCache } from './answer-cache.ts';
import type { CacheableRequest, KeptAnswer } from './cacheable-request.ts';
import type { Embedder } from './likeness/embedder.ts';
import { DEFAULT_CACHE_SETTINGS, type CacheSettings } from './settings.ts';

const START_MS = Date.UTC(2026, 0, 2);
const DAY_MS = 86_400_000;

let database: TestDatabase;
const time = { nowMs: START_MS };
const chance = { value: 0.99 };
let counts: Record<string, number>;
let checks: number[];
const opened: AnswerCache[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  time.nowMs = START_MS;
  chance.value = 0.99;
  counts = {};
  checks = [];
  await newOrganization('org_1');
  await newOrganization('org_2');
  await database.admin.delete(cachedAnswers);
});
// What one still has to write is not to be found by the next test.
afterEach(async () => {
  for (const cache of opened.splice(0)) await cache.close();
});
afterAll(() => database.close());

const newOrganization = (id: string) =>
  database.admin.insert(organizations).values({ id, name: id, kind: 'team' }).onConflictDoNothing();

const count = (what: string, by = 1): void => {
  counts[what] = (counts[what] ?? 0) + by;
};

/** Texts with the same first word point the same way; the more letters differ after it, the less. */
const embedder: Embedder = {
  name: 'test',
  embed: (text) => {
    const vector = new Int8Array(64);
    for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
      const place = (word.codePointAt(0) ?? 0) % 64;
      vector[place] = (vector[place] ?? 0) + 10;
    }
    return Promise.resolve(vector);
  },
  close: () => Promise.resolve(),
};

function open(
  changes: {
    readonly settings?: Partial<CacheSettings>;
    readonly seenThrough?: Pick<Database, 'store' | 'createClient'>;
    readonly masterKey?: string;
  } = {},
): AnswerCache {
  const cache = openAnswerCache({
    database: changes.seenThrough ?? database,
    vault: createVault(new Secret(changes.masterKey ?? 'master key of a test')),
    clock: () => time.nowMs,
    random: () => chance.value,
    settings: { ...DEFAULT_CACHE_SETTINGS, mode: 'semantic', checkPercent: 5, ...changes.settings },
    embedder,
    lookupPatienceMs: 20_000,
    metrics: {
      lookup: (kind, result) => count(`${kind} ${result}`),
      write: (result, by) => count(result, by),
      check: (_kind, similarity) => checks.push(similarity),
    },
  });
  opened.push(cache);
  return cache;
}

const HOST = 'a host overseas';

const requestOf = (changes: Partial<CacheableRequest> = {}): CacheableRequest => ({
  organizationId: 'org_1',
  keyId: 'key_1',
  cache: { mode: 'exact', scope: 'key', ttlMs: DAY_MS, minSimilarity: 0.8 },
  canonical: 'What is core inflation?',
  likeness: undefined,
  isRefreshed: false,
  hosts: new Map([['a/m', HOST]]),
  ...changes,
});

const answerOf = (content: string, modelId = 'a/m'): KeptAnswer => ({
  modelId,
  text: JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }),
  usage: { ...NO_TOKENS, input: 11, output: 7 },
  usageSource: 'upstream',
});

const ask = async (
  cache: AnswerCache,
  request: CacheableRequest = requestOf(),
): Promise<string | undefined> => {
  const found = await cache.visit(request).recall();
  if (found === undefined) return undefined;
  const { choices } = JSON.parse(found.answer.text) as {
    choices: [{ message: { content: string } }];
  };
  return `${found.kind}: ${choices[0].message.content}`;
};

const keep = async (
  cache: AnswerCache,
  content: string,
  request: CacheableRequest = requestOf(),
): Promise<void> => {
  const [model = ''] = request.hosts.keys();
  cache.visit(request).keep(answerOf(content, model));
  await cache.flush();
};

/** Memory begins when the line is up on which others tell what is forgotten. */
const untilRemembering = (cache: AnswerCache): Promise<unknown> =>
  expect
    .poll(async () => {
      await keep(cache, 'anything', requestOf({ canonical: 'anything' }));
      return cache.memoryBytes();
    })
    .toBeGreaterThan(0);

const rowCount = (): Promise<number> => database.admin.$count(cachedAnswers);

describe('an answer', () => {
  test('is given to the very same request, by this gateway and by others, with what it used', async () => {
    const [one, other] = [open(), open()];
    expect(await ask(one)).toBeUndefined();
    await keep(one, 'Prices rise.');
    expect(await ask(one)).toBe('exact: Prices rise.');
    expect(await ask(other)).toBe('exact: Prices rise.');
    const found = await other.visit(requestOf()).recall();
    expect(found?.answer).toEqual(answerOf('Prices rise.'));
    expect(await ask(one, requestOf({ canonical: 'What is deflation?' }))).toBeUndefined();
    expect(counts).toMatchObject({ kept: 1, 'exact hit': 3, 'exact miss': 2 });
  });

  test('needs no database once it is in memory', async () => {
    const wire = await createFragileDatabase(database);
    const cache = open({ seenThrough: wire });
    await untilRemembering(cache);
    await keep(cache, 'Prices rise.');
    await wire.cut();
    expect(await ask(cache)).toBe('exact: Prices rise.');
    await wire.close();
  });

  test('is as old as the key that asks allows, and gone when the key that kept it says so', async () => {
    const [one, other] = [open(), open()];
    await keep(one, 'Prices rise.');
    const { cache } = requestOf();
    const impatient = requestOf({ cache: { ...cache, ttlMs: 60_000 } });
    const patient = requestOf({ cache: { ...cache, ttlMs: 30 * DAY_MS } });
    time.nowMs += 60_000;
    for (const gateway of [one, other]) {
      expect(await ask(gateway, impatient)).toBeUndefined();
      expect(await ask(gateway, patient)).toBe('exact: Prices rise.');
    }
    time.nowMs = START_MS + DAY_MS;
    for (const gateway of [one, other]) expect(await ask(gateway, patient)).toBeUndefined();
  });

  test('takes the place of the one before; a refreshing request does not look at it', async () => {
    const cache = open();
    await keep(cache, 'Old.');
    expect(await ask(cache, requestOf({ isRefreshed: true }))).toBeUndefined();
    await keep(cache, 'New.');
    expect(await ask(cache)).toBe('exact: New.');
    expect(await ask(open())).toBe('exact: New.');
    expect(await rowCount()).toBe(1);
  });

  test('of each model is kept; the best that may answer is given', async () => {
    const cache = open({ settings: { memoryBytes: 0 } });
    const both = new Map([
      ['a/m', HOST],
      ['b/m', HOST],
    ]);
    await keep(cache, 'By b.', requestOf({ hosts: new Map([['b/m', HOST]]) }));
    expect(await ask(cache, requestOf({ hosts: both }))).toBe('exact: By b.');
    await keep(cache, 'By a.');
    expect(await ask(cache, requestOf({ hosts: both }))).toBe('exact: By a.');
    expect(await ask(cache, requestOf({ hosts: new Map([['b/m', HOST]]) }))).toBe('exact: By b.');
  });

  test('of a host that is not what it was any more is not given', async () => {
    const [cache, other] = [open(), open()];
    await keep(cache, 'Prices rise.');
    const moved = requestOf({ hosts: new Map([['a/m', 'the same host, in another region']]) });
    for (const gateway of [cache, other]) expect(await ask(gateway, moved)).toBeUndefined();
  });

  test('of a model that may not answer is not kept either', async () => {
    const cache = open();
    cache.visit(requestOf()).keep(answerOf('By somebody else.', 'c/m'));
    cache.visit(requestOf()).keep(answerOf('x'.repeat(300_000)));
    await cache.flush();
    expect(await rowCount()).toBe(0);
    expect(await ask(cache)).toBeUndefined();
  });
});

describe('nobody else’s', () => {
  test('answers are found, whoever asks whatever: organizations and keys of their own stay apart', async () => {
    const cache = open();
    const owner = fc.record({
      organizationId: fc.constantFrom('org_1', 'org_2'),
      keyId: fc.constantFrom('key_1', 'key_2', 'key_3'),
      scope: fc.constantFrom('key' as const, 'organization' as const),
      mode: fc.constantFrom('exact' as const, 'semantic' as const),
    });
    const text = fc.constantFrom('What is core inflation?', 'Explain core inflation');
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ owner, text }), { minLength: 8, maxLength: 16 }),
        async (history) => {
          round += 1;
          for (const { owner: asking, text: asked } of history) {
            const { organizationId, keyId, scope, mode } = asking;
            const request = requestOf({
              organizationId,
              keyId,
              cache: { mode, scope, ttlMs: DAY_MS, minSimilarity: 0 },
              canonical: `${round} ${asked}`,
              likeness: { context: String(round), text: asked, mayGoTo: () => true },
            });
            const whose = JSON.stringify([organizationId, scope === 'key' ? keyId : scope]);
            const found = await ask(cache, request);
            if (found !== undefined) expect(found.slice(found.indexOf(':') + 2)).toBe(whose);
            await keep(cache, whose, request);
          }
        },
      ),
      { numRuns: 40 },
    );
    expect(counts['exact hit']).toBeGreaterThan(0);
    expect(counts['semantic hit']).toBeGreaterThan(0);
  });

  test('rows open: neither under another master key nor moved to another place', async () => {
    await keep(open(), 'Prices rise.');
    expect(await ask(open({ masterKey: 'another master key' }))).toBeUndefined();
    const other = requestOf({ organizationId: 'org_2' });
    await keep(open(), 'A secret of the other organization.', other);
    await database.admin.execute(sql`
      update cached_answers set answer = (select answer from cached_answers where organization_id = 'org_2')
      where organization_id = 'org_1'`);
    expect(await ask(open())).toBeUndefined();
  });
});

describe('another wording', () => {
  const semantic = { mode: 'semantic', scope: 'key', ttlMs: DAY_MS, minSimilarity: 0.8 } as const;
  const worded = (text: string, changes: Partial<CacheableRequest> = {}): CacheableRequest =>
    requestOf({
      cache: semantic,
      canonical: text,
      likeness: { context: 'no system prompt', text, mayGoTo: () => true },
      ...changes,
    });

  test('gets the answer where the rest is the same and the vectors are near enough', async () => {
    const cache = open();
    await keep(cache, 'Prices rise.', worded('What is core inflation?'));
    expect(await ask(cache, worded('What is core inflation?'))).toBe('exact: Prices rise.');
    expect(await ask(cache, worded('what is the core inflation'))).toBe('semantic: Prices rise.');
    expect(
      await ask(
        cache,
        worded('So then, please just explain to me: how do you define core inflation?'),
      ),
    ).toBeUndefined();
    expect(counts).toMatchObject({ 'exact hit': 1, 'semantic hit': 1, 'semantic miss': 1 });
  });

  test('never where a number, a word, the context or the host differs', async () => {
    const cache = open();
    await keep(cache, 'Prices rise.', worded('What is inflation in 2024?'));
    for (const request of [
      worded('What is inflation in 2025?'),
      worded('What is deflation in 2024?'),
      worded('What was inflation in 2024?'),
      worded('Tell me what inflation in 2024 is', { hosts: new Map([['a/m', 'elsewhere']]) }),
      worded('Tell me what inflation in 2024 is', {
        likeness: { context: 'another', text: 'What is inflation in 2024', mayGoTo: () => true },
      }),
      worded('What is the inflation in 2024?', { cache: { ...semantic, mode: 'exact' } }),
    ]) {
      expect(await ask(cache, request)).toBeUndefined();
    }
  });

  test('is as strict as the key that asks, and only where the installation has it', async () => {
    const cache = open();
    await keep(cache, 'Prices rise.', worded('What is core inflation?'));
    const strict = worded('What then is core inflation?', {
      cache: { ...semantic, minSimilarity: 1 },
    });
    expect(await ask(cache, strict)).toBeUndefined();
    expect(await ask(cache, worded('What then is core inflation?'))).toBe('semantic: Prices rise.');
    const exactOnly = open({ settings: { mode: 'exact' } });
    expect(await ask(exactOnly, worded('What then is core inflation?'))).toBeUndefined();
  });

  test('is answered by a model too now and then, and the two answers are compared', async () => {
    const cache = open();
    await keep(cache, 'Prices rise.', worded('What is core inflation?'));
    chance.value = 0.04;
    const visit = cache.visit(worded('What then is core inflation?'));
    expect(await visit.recall()).toBeUndefined();
    visit.keep(answerOf('Wages fall.'));
    await expect.poll(() => checks).toEqual([0]);
    const again = cache.visit(worded('What is core inflation?'));
    expect(await again.recall()).toBeUndefined();
    again.keep(answerOf('Prices rise.'));
    await expect.poll(() => checks).toEqual([0, 1]);
    expect(counts).toMatchObject({ 'semantic withheld': 1, 'exact withheld': 1 });
  });
});

describe('bounds', () => {
  test('of an organization: the oldest go, by their number and by their bytes', async () => {
    const entries = open({ settings: { organization: { entries: 3, bytes: 10_000_000 } } });
    const bytes = open({ settings: { organization: { entries: 100, bytes: 2_500 } } });
    for (const cache of [entries, bytes]) {
      await keep(cache, 'of another', requestOf({ organizationId: 'org_2' }));
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        time.nowMs += 1_000;
        await keep(cache, 'x'.repeat(700), requestOf({ canonical: name }));
      }
      const left = await database.admin
        .select({ createdAt: cachedAnswers.createdAt })
        .from(cachedAnswers)
        .where(eq(cachedAnswers.organizationId, 'org_1'));
      const ages = left.map(({ createdAt }) => time.nowMs - createdAt.getTime());
      const expected = cache === entries ? [0, 1_000, 2_000] : [0, 1_000];
      expect(ages.toSorted((one, other) => one - other)).toEqual(expected);
      expect(await rowCount()).toBe(expected.length + 1);
      await database.admin.delete(cachedAnswers);
    }
  });

  test('of memory, also when the database takes nothing', async () => {
    const wire = await createFragileDatabase(database);
    const cache = open({ seenThrough: wire, settings: { memoryBytes: 1_000_000 } });
    await untilRemembering(cache);
    counts = {};
    await wire.cut();
    for (let name = 0; name < 400; name += 1) {
      const visit = cache.visit(requestOf({ canonical: String(name) }));
      visit.keep(answerOf('x'.repeat(50_000)));
      expect(cache.memoryBytes()).toBeLessThanOrEqual(1_000_000);
    }
    expect(cache.memoryBytes()).toBeGreaterThan(900_000);
    await cache.flush();
    expect(counts['failed']).toBeGreaterThan(0);
    expect(counts['dropped']).toBeGreaterThan(0);
    expect((counts['failed'] ?? 0) + (counts['dropped'] ?? 0)).toBe(400);
    await wire.close();
  });
});

describe('a database that is away', () => {
  test('makes a miss, without an error, and is left alone for a while', async () => {
    await keep(open(), 'Prices rise.');
    const wire = await createFragileDatabase(database);
    const cache = open({ seenThrough: wire });
    await wire.cut();
    expect(await ask(cache)).toBeUndefined();
    await wire.mend();
    expect(await ask(cache)).toBeUndefined();
    expect(counts).toMatchObject({ 'exact unavailable': 2 });
    time.nowMs += 5_000;
    expect(await ask(cache)).toBe('exact: Prices rise.');
    await wire.close();
  });
});

describe('what is forgotten', () => {
  test('while it is on its way out of the database serves who asked, and is not remembered', async () => {
    await keep(open(), 'Prices rise.');
    const cache = open();
    await untilRemembering(cache);
    const { asked } = await database.admin.transaction(async (transaction) => {
      await transaction.execute(sql`lock table cached_answers in access exclusive mode`);
      const asked = ask(cache);
      await database.admin.execute(sql`select pg_notify('cached_answers_forgotten', 'org_1')`);
      await expect.poll(() => cache.memoryBytes()).toBe(0);
      return { asked };
    });
    expect(await asked).toBe('exact: Prices rise.');
    expect(cache.memoryBytes()).toBe(0);
  });

  test('is forgotten by every gateway, and what was about to be written is not written', async () => {
    const [one, other] = [open(), open()];
    await keep(one, 'Prices rise.');
    await keep(one, 'Prices fall.', requestOf({ organizationId: 'org_2' }));
    expect(await ask(other)).toBe('exact: Prices rise.');
    await database.admin.execute(sql`select forget_cached_answers('{org_1}', '{}')`);
    for (const cache of [one, other]) {
      await expect.poll(() => ask(cache)).toBeUndefined();
      expect(await ask(cache, requestOf({ organizationId: 'org_2' }))).toBe('exact: Prices fall.');
    }
    await untilRemembering(one);
    one.visit(requestOf()).keep(answerOf('About to be written.'));
    await database.admin.execute(sql`select forget_cached_answers('{org_1}', '{}')`);
    await expect.poll(() => ask(one)).toBeUndefined();
    await one.flush();
    expect(await ask(open())).toBeUndefined();
  });
});
