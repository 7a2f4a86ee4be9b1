import { nanoUsd } from '@sealgate/contract';
import { asc, eq } from 'drizzle-orm';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  credit,
  DEFAULT_PRICE_LIST,
  openUsageJournal,
  tariffFor,
  type Generation,
  type OpenUsageJournal,
  type Tariff,
} from '../../customers/billing/index.ts';
import { testGeneration } from '../../customers/billing/testing.ts';
import { auditLog, feedback } from '../../platform/db/index.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

let folder: string;
let journal: OpenUsageJournal;
let platform: TestPlatform;
let ada: TestPerson;
let eve: TestPerson;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealgate-feedback-'));
  platform = await createTestPlatform({ changes: { flushUsage: () => journal.flush() } });

  const log = { warn: () => {}, error: () => {} };
  journal = await openUsageJournal({ dir: folder, ctx: platform.ctx, log });
  ada = await platform.signUp('ada');
  eve = await platform.signUp('eve');
  const { organizationId } = ada;
  await credit(platform.ctx, { organizationId, amountNano: nanoUsd(10n ** 9n), reason: 'test' });
});
afterAll(async () => {
  await journal.close();
  await platform.close();
  await rm(folder, { recursive: true });
});

/** As the chat leaves it: in the journal, not yet in the database. */
async function generate(
  { organizationId }: TestPerson,
  changes: Partial<Generation> = {},
  tariff?: Tariff,
): Promise<string> {
  const generation = testGeneration(organizationId, {
    modelAsked: 'nexevo/balanced',
    modelUsed: 'house/model-a',
    modelsTried: ['house/model-b', 'house/model-a'],
    billingTier: 'balanced',
    isStream: false,
    inputTokens: 12,
    cachedInputTokens: 4,
    outputTokens: 34,
    reasoningTokens: 5,
    startedAtMs: platform.time.nowMs,
    firstByteMs: undefined,
    latencyMs: 250,
    ...changes,
  });
  await journal.append(generation, tariff);
  return generation.id;
}

const submit = (as: string, generationId: string, vote: object = { rating: 1 }) =>
  platform.call('POST /v1/feedback', { as, body: { generation_id: generationId, ...vote } });

const summary = async (as: string, query = '') =>
  (await platform.call(`GET /v1/feedback/summary${query}`, { as })).body;

describe('does', () => {
  test('takes a vote on a generation that is only in the journal, with a row in the record', async () => {
    const id = await generate(ada);
    const answer = await submit(ada.token, id, {
      rating: -1,
      comment: ' Too long ',
      tags: ['too_verbose', 'too_verbose', '冗長'],
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      feedback_id: expect.stringMatching(/^fb_/),
      generation_id: id,
      rating: -1,
      comment: 'Too long',
      tags: ['too_verbose', '冗長'],
      created_at: new Date(platform.time.nowMs).toISOString(),
      updated_at: new Date(platform.time.nowMs).toISOString(),
    });
    const deeds = await platform.database.admin
      .select()
      .from(auditLog)
      .where(eq(auditLog.subject, id));
    expect(deeds).toMatchObject([
      { action: 'feedback.submit', actorId: ada.userId, organizationId: ada.organizationId },
    ]);
  });

  test('the latest vote on a generation wins as a whole', async () => {
    const id = await generate(ada);
    const first = await submit(ada.token, id, { rating: 1, comment: 'good', tags: ['accurate'] });
    platform.time.nowMs += 1000;
    const second = await submit(await platform.createKey(ada), id, { rating: -1 });
    expect(second.body).toEqual({
      ...first.body,
      rating: -1,
      comment: null,
      tags: [],
      updated_at: new Date(platform.time.nowMs).toISOString(),
    });
    const votes = await platform.database.admin
      .select()
      .from(feedback)
      .where(eq(feedback.generationId, id));
    expect(votes).toMatchObject([{ rating: -1, userId: ada.userId, keyId: expect.anything() }]);
  });

  test('of votes that come at once one remains', async () => {
    const id = await generate(ada);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        submit(ada.token, id, { rating: index % 2 === 0 ? 1 : -1 }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const { admin } = platform.database;
    expect(await admin.$count(feedback, eq(feedback.generationId, id))).toBe(1);
  });

  test('tells whoever learns from votes, once it is stored', async () => {
    const client = platform.database.createClient();
    await client.connect();
    await client.query('listen feedback_given');
    const heard = new Promise<string | undefined>((resolve) => {
      client.once('notification', ({ payload }) => resolve(payload));
    });
    const id = await generate(ada);
    await submit(ada.token, id);
    expect(await heard).toBe(id);
    await client.end();
  });

  test('counts the votes of the last days by tag, model, tier and day', async () => {
    const bob = await platform.signUp('bob');
    const dayMs = 24 * 3_600_000;
    const vote = async (changes: Partial<Generation>, body: object) =>
      submit(bob.token, await generate(bob, changes), body);
    await vote({ billingTier: 'fast', modelUsed: 'a' }, { rating: 1, tags: ['accurate', 'old'] });
    platform.time.nowMs += 2 * dayMs;
    await vote({ modelUsed: 'a' }, { rating: 1, tags: ['accurate'] });
    await vote({ modelUsed: 'b' }, { rating: 1 });
    await vote({ modelUsed: 'b' }, { rating: -1, tags: ['accurate', '__proto__'] });
    const today = new Date(platform.time.nowMs).toISOString().slice(0, 10);
    const yesterday = new Date(platform.time.nowMs - dayMs).toISOString().slice(0, 10);
    expect(await summary(bob.token, '?days=2')).toEqual({
      total: 3,
      positive: 2,
      negative: 1,
      positive_pct: 66.7,
      by_tag: { accurate: { total: 2, positive: 1, negative: 1 } },
      by_model: {
        a: { total: 1, positive: 1, negative: 0 },
        b: { total: 2, positive: 1, negative: 1 },
      },
      by_tier: {
        fast: { total: 0, positive: 0, negative: 0 },
        balanced: { total: 3, positive: 2, negative: 1 },
        passthrough: { total: 0, positive: 0, negative: 0 },
        byok: { total: 0, positive: 0, negative: 0 },
      },
      daily: [
        { date: yesterday, total: 0, positive: 0, negative: 0 },
        { date: today, total: 3, positive: 2, negative: 1 },
      ],
    });
    const week = await summary(bob.token);
    expect([week.total, week.daily.length, week.by_tier.fast.total]).toEqual([4, 7, 1]);
    expect((await summary(bob.token, '?days=366')).daily).toHaveLength(366);
  });

  test('without votes there is no percentage', async () => {
    const nobody = await platform.signUp('nobody');
    expect(await summary(nobody.token)).toMatchObject({ total: 0, positive_pct: null, by_tag: {} });
  });
});

describe('describes generations', () => {
  const retrieve = (as: string, id: string) => platform.call(`GET /v1/generations/${id}`, { as });

  test('with tokens, cost, model, timing and feedback, at once', async () => {
    const id = await generate(ada);
    const expected = {
      generation_id: id,
      route: 'chat',
      security_tier: null,
      tier: 'balanced',
      model_asked: 'nexevo/balanced',
      model_used: 'house/model-a',
      models_tried: ['house/model-b', 'house/model-a'],
      outcome: 'success',
      status: 200,
      is_stream: false,
      input_tokens: 12,
      cached_input_tokens: 4,
      output_tokens: 34,
      reasoning_tokens: 5,
      usage_source: 'upstream',
      cost_usd: '0.000038',
      price_version: null,
      price: null,
      cache: 'miss',
      started_at: new Date(platform.time.nowMs).toISOString(),
      first_byte_ms: null,
      latency_ms: 250,
      feedback: null,
    };
    const before = await retrieve(ada.token, id);
    expect([before.status, before.body]).toEqual([200, expected]);
    const vote = await submit(ada.token, id, { rating: 1, tags: ['accurate'] });
    const after = await retrieve(await platform.createKey(ada), id);
    expect(after.body).toEqual({ ...expected, feedback: vote.body });
  });

  test('by what they were charged, so that anybody can calculate it again', async () => {
    const asked = { tier: 'balanced', price: undefined, isOwnKey: false } as const;
    const list = {
      ...DEFAULT_PRICE_LIST,
      planShares: { ...DEFAULT_PRICE_LIST.planShares, balanced: { of: 9n, per: 10n } },
    };
    const tariff = tariffFor(list, asked);
    const priceVersion = tariff?.version;
    const id = await generate(ada, { priceVersion }, tariff);
    expect((await retrieve(ada.token, id)).body).toMatchObject({
      price_version: priceVersion,
      price: {
        tokens: {
          input: '3.00',
          output: '12.00',
          cached_input: '3.00',
          cache_write: '3.00',
          reasoning: '12.00',
          image: '0.00',
        },
        factor: '1',
        fee_usd: '0.00',
        cache_hit_share: '0.25',
        plan_share: '0.9',
      },
    });
    // Charged before tariffs were kept.
    const old = await generate(ada, { priceVersion: 'prc_0' });
    expect((await retrieve(ada.token, old)).body).toMatchObject({
      price_version: 'prc_0',
      price: null,
    });
  });

  test('of a sealed request the model that was asked for stays unsaid', async () => {
    const id = await generate(ada, {
      route: 'sealed-chat',
      securityTier: 'maximum',
      modelAsked: '',
    });
    const { body } = await retrieve(ada.token, id);
    expect(body).toMatchObject({ security_tier: 'maximum', model_asked: null });
  });

  test('of another organization look like none', async () => {
    const id = await generate(ada);
    await submit(ada.token, id);
    const nothing = await retrieve(eve.token, 'gen_0');
    const answer = await retrieve(eve.token, id);
    expect([answer.status, answer.body]).toEqual([404, nothing.body]);
    expect((await retrieve(eve.token, 'no-id')).status).toBe(404);
  });
});

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['a rating between good and bad', { rating: 0 }, 'rating'],
    ['a rating in words', { rating: '1' }, 'rating'],
    ['no rating', {}, 'rating'],
    ['a comment that is too long', { rating: 1, comment: 'x'.repeat(2001) }, 'comment'],
    ['an empty tag', { rating: 1, tags: [' '] }, 'tags[0]'],
    ['too many tags', { rating: 1, tags: Array.from({ length: 21 }, String) }, 'tags'],
    ['a misspelt field', { rating: 1, coment: 'x' }, 'coment'],
  ])('%s', async (_what, vote, param) => {
    const { status, body } = await submit(ada.token, await generate(ada), vote);
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test.each(['days=0', 'days=367', 'days=x', 'day=1'])('a summary of %s', async (query) => {
    expect((await summary(ada.token, `?${query}`)).error.code).toBe('invalid_request_error');
  });

  test('a vote on a generation that there is not', async () => {
    for (const id of ['gen_0', 'nonsense', '']) {
      const { status, body } = await submit(ada.token, id);
      expect([status, body.error.code]).toEqual([404, 'not_found']);
    }
  });
});

describe('keeps apart', () => {
  test('nobody votes on another organization’s generation, or sees its votes', async () => {
    const id = await generate(ada);
    const nothing = await submit(eve.token, 'gen_0');
    const foreign = await submit(eve.token, id, { rating: -1 });
    expect([foreign.status, foreign.body]).toEqual([404, nothing.body]);
    await submit(ada.token, id, { rating: 1, tags: ['of ada'] });
    const again = await submit(eve.token, id, { rating: -1 });
    expect(again.status).toBe(404);
    const votes = await platform.database.admin
      .select({ rating: feedback.rating })
      .from(feedback)
      .where(eq(feedback.generationId, id))
      .orderBy(asc(feedback.id));
    expect(votes).toEqual([{ rating: 1 }]);
    expect(await summary(eve.token)).toMatchObject({ total: 0, by_tag: {}, by_model: {} });
  });
});
