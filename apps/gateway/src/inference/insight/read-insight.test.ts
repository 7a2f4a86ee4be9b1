import { nanoUsd } from '@sealgate/contract';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { credit } from '../../customers/billing/index.ts';
import type { KeyActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { organizations, routingDecisions } from '../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/testing.ts';
import { testContext } from '../../platform/testing-context.ts';
import { plantGeneration, vote } from '../experience/testing.ts';
import { printLogLine, readLogLine } from './log-line.ts';
import { readInsight, readInsightOfAll, readLog } from './read-insight.ts';

const NOON = Date.UTC(2026, 0, 2, 12);
const QUESTION = { days: 1, tier: undefined } as const;

let database: TestDatabase;
let ctx: Context;
let nowMs = NOON;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { clock: () => nowMs });
  await database.admin
    .insert(organizations)
    .values(['org_1', 'org_2'].map((id) => ({ id, name: id, kind: 'team' as const })));
  await database.admin.execute(
    sql`insert into wallets (organization_id) select id from organizations`,
  );
  // Who has nothing is charged nothing.
  await credit(ctx, { organizationId: 'org_1', amountNano: nanoUsd(10n ** 9n), reason: 'test' });
});
afterEach(async () => {
  nowMs = NOON;
  await database.admin.delete(routingDecisions);
});
afterAll(() => database.close());

function insightOf(
  organizationId: string,
  question: Partial<Parameters<typeof readInsight>[1]> = {},
) {
  const actor: KeyActor = {
    kind: 'key',
    keyId: 'key_1',
    organizationId,
    userId: undefined,
    role: 'developer',
  };
  return readInsight({ ...ctx, actor }, { ...QUESTION, ...question });
}

/** So many decisions, as the journal would bring them; the last one at noon. */
const plantMany = (count: number, apartMs: number): Promise<unknown> =>
  database.admin.execute(sql`
    insert into routing_decisions (generation_id, organization_id, key_id, decided_at, tier, policy, rules, options, chosen,
      reason, model_used)
    select 'gen_' || lpad(number::text, 9, '0'), 'org_1', 'key_1',
      ${new Date(NOON).toISOString()}::timestamptz - (${count} - number) * ${apartMs} * interval '1 millisecond', 'auto', 'test',
      '{"perUsdPer1000": 0, "perSecond": 0, "explores": true}',
      '[{"model": "a", "quality": 0.7, "usdPer1000": 1, "latencyMs": 100, "ratings": 0, "utility": 0.7, "probability": 1}]',
      'a', 'only-one', 'a'
    from generate_series(1, ${count}::int) as number`);

describe('an insight', () => {
  test('has votes, costs and signals of its own decisions, and of nobody else’s', async () => {
    const costNano = nanoUsd(500n);
    const id = await plantGeneration(ctx, { prompt: 'x', model: 'a/one', changes: { costNano } });
    await vote(ctx, id, { rating: 1 });
    await plantGeneration(ctx, {
      prompt: 'y',
      model: 'b/two',
      decision: { tier: 'fast' },
      changes: { organizationId: 'org_2' },
    });
    const [own, other, all] = [
      await insightOf('org_1'),
      await insightOf('org_2'),
      await readInsightOfAll(ctx, QUESTION),
    ];
    expect(own).toMatchObject({ decisions: 1, isTruncated: false, since: new Date(NOON) });
    expect(own.tiers).toMatchObject([
      { tier: 'auto', votes: 1, good: 1, costNano: 500n, costPerSolvedNano: 500n },
    ]);
    expect(other.tiers).toMatchObject([{ tier: 'fast', votes: 0, models: [{ model: 'b/two' }] }]);
    expect(all.tiers).toEqual([...other.tiers, ...own.tiers]);
  });

  test('begins with the first day, where the organization is, and can be about one tier', async () => {
    await database.admin
      .update(organizations)
      .set({ timeZone: 'Asia/Tokyo' })
      .where(sql`id = 'org_1'`);
    const midnight = Date.UTC(2026, 0, 1, 15);
    for (const startedAtMs of [midnight - 1, midnight, NOON]) {
      await plantGeneration(ctx, { prompt: 'x', model: 'a/one', changes: { startedAtMs } });
    }
    expect(await insightOf('org_1')).toMatchObject({
      from: '2026-01-02',
      to: '2026-01-02',
      timeZone: 'Asia/Tokyo',
      decisions: 2,
      since: new Date(midnight),
    });
    expect(await insightOf('org_1', { days: 2 })).toMatchObject({ decisions: 3 });
    expect(await insightOf('org_1', { tier: 'fast' })).toMatchObject({ decisions: 0, tiers: [] });
    expect(await readInsightOfAll(ctx, { days: 1, tier: 'auto' })).toMatchObject({
      timeZone: 'UTC',
      decisions: 1,
    });
  });

  test('counts each of many decisions of one moment once', async () => {
    await plantMany(1_203, 0);
    expect(await insightOf('org_1')).toMatchObject({ decisions: 1_203, isTruncated: false });
    expect(await readInsightOfAll(ctx, QUESTION)).toMatchObject({ decisions: 1_203 });
    expect(await insightOf('org_1', { mostDecisions: 1_203 })).toMatchObject({
      decisions: 1_203,
      isTruncated: false,
    });
    expect(await insightOf('org_1', { mostDecisions: 1_000 })).toMatchObject({
      decisions: 1_000,
      isTruncated: true,
      tiers: [{ decisions: 1_000 }],
    });
  });

  test('looks at the newest 50,000, and says when there are more', async () => {
    await plantMany(50_000, 10);
    await plantGeneration(ctx, {
      prompt: 'the oldest',
      model: 'old/one',
      changes: { startedAtMs: NOON - 500_001 },
    });
    const insight = await insightOf('org_1');
    expect(insight).toMatchObject({ decisions: 50_000, isTruncated: true });
    expect(insight.tiers[0]?.models.map(({ model }) => model)).toEqual(['a']);
  });
});

test('the log has all that is needed to judge again, and words of prompts only when they are asked for', async () => {
  const id = await plantGeneration(ctx, { prompt: 'twelve plus thirty', model: 'a/one' });
  await vote(ctx, id, { rating: -1 });
  const linesOf = async (withFeatures: boolean, organizationId?: string): Promise<string[]> => {
    const lines: string[] = [];
    for await (const decision of readLog(ctx, { ...QUESTION, organizationId, withFeatures }))
      lines.push(printLogLine(decision));
    return lines;
  };
  const [line = ''] = await linesOf(false);
  expect(line).not.toContain('features');
  expect(readLogLine(line)).toMatchObject({
    kind: 'decision',
    decision: { generationId: id, rating: -1, chosen: 'a/one', modelUsed: 'a/one' },
  });
  const [withFeatures = ''] = await linesOf(true);
  const { rows } = await database.admin.execute<{ features: Buffer }>(
    sql`select features from routing_decisions`,
  );
  expect(JSON.parse(withFeatures)).toMatchObject({
    features: rows[0]?.features.toString('base64'),
  });
  expect(await linesOf(false, 'org_1')).toHaveLength(1);
  expect(await linesOf(false, 'org_2')).toEqual([]);
});
