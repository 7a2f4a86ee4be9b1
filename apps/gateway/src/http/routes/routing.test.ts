import { RoutingInsight, nanoUsd } from '@sealgate/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { credit } from '../../customers/billing/index.ts';
import type { DecidedOption } from '../../customers/decisions/index.ts';
import { plantGeneration } from '../../inference/experience/testing.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

let platform: TestPlatform;
let ada: TestPerson;
let eve: TestPerson;
beforeAll(async () => {
  platform = await createTestPlatform();
  ada = await platform.signUp('ada');
  eve = await platform.signUp('eve');
  for (const { organizationId } of [ada, eve])
    await credit(platform.ctx, { organizationId, amountNano: nanoUsd(10n ** 9n), reason: 'test' });
});
afterAll(() => platform.close());

const OPTIONS: readonly DecidedOption[] = [
  {
    model: 'house/small',
    quality: 0.6,
    usdPer1000: 0.5,
    latencyMs: 200,
    ratings: 30,
    utility: 0.59,
    probability: 0.9,
  },
  {
    model: 'house/large',
    quality: 0.9,
    usdPer1000: 20,
    latencyMs: 1_000,
    ratings: 40,
    utility: 0.5,
    probability: 0.1,
  },
];

/** Decisions between the two, with votes through the API. */
async function use(
  person: TestPerson,
  { model, good, bad }: { readonly model: string; readonly good: number; readonly bad: number },
): Promise<void> {
  for (let count = 0; count < good + bad; count += 1) {
    const id = await plantGeneration(platform.ctx, {
      prompt: `question ${count}`,
      model,
      decision: {
        tier: 'balanced',
        options: OPTIONS,
        reason: model === 'house/small' ? 'best' : 'exploration',
      },
      changes: {
        organizationId: person.organizationId,
        startedAtMs: platform.time.nowMs,
        costNano: nanoUsd(model === 'house/small' ? 500_000n : 20_000_000n),
      },
    });
    const answer = await platform.call('POST /v1/feedback', {
      as: person.token,
      body: { generation_id: id, rating: count < good ? 1 : -1 },
    });
    expect(answer.status).toBe(201);
  }
}

const insight = (as: string | undefined, query = '') =>
  platform.call(`GET /v1/routing/insight${query}`, as === undefined ? {} : { as });

describe('does', () => {
  test('tells who answered, what people said, what it cost, and what others would have been worth', async () => {
    await use(ada, { model: 'house/small', good: 30, bad: 15 });
    await use(ada, { model: 'house/large', good: 5, bad: 0 });
    const { status, body } = await insight(ada.token);
    expect(status).toBe(200);
    expect(RoutingInsight.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      from: '2025-12-27',
      to: '2026-01-02',
      time_zone: 'UTC',
      decisions: 50,
      truncated: false,
      since: '2026-01-02T00:00:00.000Z',
    });
    const [tier] = RoutingInsight.parse(body).tiers;
    expect(tier).toMatchObject({
      tier: 'balanced',
      decisions: 50,
      votes: 50,
      good: 35,
      win_rate: { value: 0.7, low: 0.5625, high: 0.809 },
      failed: 0,
      fallbacks: 0,
      cost_usd: '0.1225',
      cost_per_solved_usd: '0.0035',
      models: [
        {
          model: 'house/small',
          traffic_share: 0.9,
          win_rate: { value: 0.6667 },
          expected_win_rate: 0.6,
          cost_per_solved_usd: '0.00075',
        },
        {
          model: 'house/large',
          traffic_share: 0.1,
          win_rate: { value: 1, high: 1 },
          expected_win_rate: 0.9,
          cost_per_solved_usd: '0.02',
        },
      ],
      exploration: {
        decisions: 50,
        explored: 5,
        utility_lost: 0.45,
        extra_cost_usd: '0.0975',
      },
    });
    expect(tier?.policies).toMatchObject([
      {
        policy: 'current',
        votes: 50,
        self_normalised: { value: 0.7 },
        doubly_robust: { value: 0.7 },
        unknown_reason: null,
        cost_per_1000_usd: '2.45',
        latency_ms: 280,
        cost_per_solved_usd: '0.0035',
      },
      {
        policy: 'always:house/large',
        effective_votes: 5,
        self_normalised: null,
        doubly_robust: null,
        unknown_reason: 'too-few-effective-votes',
        cost_per_1000_usd: '20.00',
        cost_per_solved_usd: null,
      },
      {
        policy: 'always:house/small',
        agreement: 0.9,
        effective_votes: 45,
        self_normalised: { value: 0.6667 },
        unknown_reason: null,
        cost_per_1000_usd: '0.50',
      },
    ]);
  });

  test('tells a key of the organization the same', async () => {
    const key = await platform.createKey(ada);
    expect((await insight(key)).body).toEqual((await insight(ada.token)).body);
  });

  test('is about the days and the tier that are asked for', async () => {
    expect((await insight(ada.token, '?tier=fast')).body).toMatchObject({
      decisions: 0,
      tiers: [],
    });
    expect((await insight(ada.token, '?tier=balanced&days=1')).body).toMatchObject({
      from: '2026-01-02',
      decisions: 50,
    });
    platform.time.nowMs += 24 * 60 * 60_000;
    try {
      expect((await insight(ada.token, '?days=1')).body).toMatchObject({
        from: '2026-01-03',
        decisions: 0,
        since: null,
      });
    } finally {
      platform.time.nowMs -= 24 * 60 * 60_000;
    }
  });
});

describe('refuses', () => {
  test.each(['?days=0', '?days=367', '?days=x', '?tier=slow', '?model=a'])('%s', async (query) => {
    expect(await insight(ada.token, query)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request_error' } },
    });
  });

  test('whoever shows no credential', async () => {
    expect((await insight(undefined)).status).toBe(401);
  });
});

describe('keeps apart', () => {
  test('another organization’s decisions and votes', async () => {
    await use(eve, { model: 'house/large', good: 1, bad: 1 });
    const { body } = await insight(eve.token);
    expect(body).toMatchObject({
      decisions: 2,
      tiers: [{ votes: 2, models: [{ model: 'house/large' }] }],
    });
    expect((await insight(ada.token)).body).toMatchObject({ decisions: 50 });
  });

  test('from who is no member of it', async () => {
    const answer = await platform.call('GET /v1/routing/insight', {
      as: eve.token,
      headers: { 'x-organization-id': ada.organizationId },
    });
    expect(answer.status).toBe(404);
  });
});
