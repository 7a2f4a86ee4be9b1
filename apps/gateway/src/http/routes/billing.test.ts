import { nanoUsd } from '@sealgate/contract';
import { eq } from 'drizzle-orm';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adjust,
  credit,
  openUsageJournal,
  refund,
  type Generation,
  type OpenUsageJournal,
} from '../../customers/billing/index.ts';
import { testGeneration } from '../../customers/billing/testing.ts';
import { apiKeys, auditLog, memberships, organizations, wallets } from '../../platform/db/index.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

let folder: string;
let platform: TestPlatform;
let journal: OpenUsageJournal;
let ada: TestPerson;
let eve: TestPerson;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealgate-billing-'));
  platform = await createTestPlatform();
  const log = { warn: () => {}, error: () => {} };
  journal = await openUsageJournal({ dir: folder, ctx: platform.ctx, log });
  ada = await platform.signUp('ada');
  eve = await platform.signUp('eve');
});
afterAll(async () => {
  await journal.close();
  await platform.close();
  await rm(folder, { recursive: true });
});

/** Whoever uses something has money for it. */
async function enrich(person: TestPerson): Promise<TestPerson> {
  const { organizationId } = person;
  const amountNano = nanoUsd(10n ** 17n);
  await credit(platform.ctx, { organizationId, amountNano, reason: 'test' });
  return person;
}

async function use(
  { organizationId }: TestPerson,
  ...changes: readonly Partial<Generation>[]
): Promise<readonly string[]> {
  const used = changes.map((change) =>
    testGeneration(organizationId, { startedAtMs: platform.time.nowMs, ...change }),
  );
  for (const generation of used) await journal.append(generation);
  await journal.flush();
  return used.map(({ id }) => id);
}

const read = async (as: string, path: string, headers = {}) =>
  platform.call(`GET /v1/billing/${path}`, { as, headers });

const totals = (requests: number, costUsd: string) => ({
  requests,
  input_tokens: requests * 12,
  output_tokens: requests * 5,
  cost_usd: costUsd,
});

/** With another role in the organization than in their own. */
async function enlist(person: TestPerson, organizationId: string, role: 'admin' | 'developer') {
  await platform.database.admin
    .insert(memberships)
    .values({ id: platform.ctx.newId('membership'), organizationId, userId: person.userId, role });
}

describe('the balance', () => {
  test('is what came in without what was used; what running requests hold is not available, nor anything below zero', async () => {
    const ann = await platform.signUp('ann');
    const { organizationId } = ann;
    await credit(platform.ctx, { organizationId, amountNano: nanoUsd(50_000n), reason: 'test' });
    await use(ann, { costNano: nanoUsd(38_000n) });
    const wallet = { held_usd: '0.00', currency: 'USD', auto_top_up: null };
    const rich = { ...wallet, balance_usd: '0.000012', available_usd: '0.000012' };
    expect(await read(ann.token, 'balance')).toMatchObject({ status: 200, body: rich });
    await platform.database.admin
      .update(wallets)
      .set({ heldNano: 4_000n })
      .where(eq(wallets.organizationId, organizationId));
    const busy = { balance_usd: '0.000012', held_usd: '0.000004', available_usd: '0.000008' };
    expect((await read(ann.token, 'balance')).body).toMatchObject(busy);
    await adjust(platform.ctx, { organizationId, amountNano: nanoUsd(-38_000n), reason: 'test' });
    const poor = {
      balance_usd: '-0.000026',
      held_usd: '0.000004',
      available_usd: '0.00',
      currency: 'USD',
      auto_top_up: null,
    };
    expect((await read(await platform.createKey(ann), 'balance')).body).toEqual(poor);
  });

  test('of another organization is not found', async () => {
    const answer = await platform.call('GET /v1/billing/balance', {
      as: eve.token,
      headers: { 'x-organization-id': ada.organizationId },
    });
    expect(answer.status).toBe(404);
    expect((await platform.call('GET /v1/billing/balance', {})).status).toBe(401);
  });
});

describe('the ledger', () => {
  test('lists the latest first, each entry with the balance after it, page by page', async () => {
    const ann = await platform.signUp('ledger');
    const { organizationId } = ann;
    const { ctx } = platform;
    await credit(ctx, { organizationId, amountNano: nanoUsd(10n ** 9n), reason: 'bank transfer' });
    const [first = '', second = ''] = await use(
      ann,
      { id: 'gen_1', costNano: nanoUsd(3n) },
      { id: 'gen_2', costNano: nanoUsd(4n) },
      { id: 'gen_3', costNano: nanoUsd(0n) },
    );
    await refund(ctx, { organizationId, generationId: first, reason: 'cut off' });
    await adjust(ctx, { organizationId, amountNano: nanoUsd(-(10n ** 9n)), reason: 'typo' });
    const entries = [
      ['adjustment', '-1.00', '-0.000000004', null, 'typo'],
      ['refund', '0.000000003', '0.999999996', first, 'cut off'],
      ['usage', '-0.000000004', '0.999999993', second, null],
      ['usage', '-0.000000003', '0.999999997', first, null],
      ['credit', '1.00', '1.00', null, 'bank transfer'],
    ];
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const after: string = cursor === '' ? '' : `&after=${cursor}`;
      const { body } = await read(ann.token, `ledger?limit=2${after}`);
      for (const entry of body.data) {
        expect(entry.transfer_id).toMatch(/^trf_/);
        const { kind, amount_usd, balance_usd, generation_id, reason } = entry;
        seen.push([kind, amount_usd, balance_usd, generation_id, reason]);
      }
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(entries);
    const deeds = await platform.database.admin
      .select()
      .from(auditLog)
      .where(eq(auditLog.organizationId, organizationId));
    expect(deeds.map(({ action }) => action)).toEqual([
      'organization.create',
      'wallet.credit',
      'wallet.refund',
      'wallet.adjustment',
    ]);
    expect(deeds[1]).toMatchObject({
      actorKind: 'operator',
      subject: expect.stringMatching(/^trf_/),
      details: { amountNano: '1000000000' },
    });
  });

  test('is for owners and admins', async () => {
    const [dev, admin] = [await platform.signUp('dev'), await platform.signUp('admin')];
    await enlist(dev, ada.organizationId, 'developer');
    await enlist(admin, ada.organizationId, 'admin');
    const headers = { 'x-organization-id': ada.organizationId };
    expect((await read(dev.token, 'ledger', headers)).status).toBe(403);
    expect((await read(admin.token, 'ledger', headers)).status).toBe(200);
    expect((await read(dev.token, 'balance', headers)).status).toBe(200);
    expect((await read(dev.token, 'usage', headers)).status).toBe(200);
  });

  test('shows nobody else’s entries, also not by a foreign cursor', async () => {
    await use(ada, {}, {}, {});
    const { body } = await read(ada.token, 'ledger?limit=1');
    const foreign = await read(eve.token, `ledger?after=${body.next_cursor}`);
    expect([foreign.status, foreign.body.data]).toEqual([200, []]);
    expect((await read(eve.token, 'ledger')).body.data).toEqual([]);
    expect((await read(eve.token, 'ledger?limit=0')).status).toBe(400);
  });
});

describe('the usage', () => {
  const HOUR_MS = 3_600_000;

  test('counts requests, tokens and cost of each day and tier, days without any too', async () => {
    const ann = await enrich(await platform.signUp('usage'));
    platform.time.nowMs = Date.UTC(2026, 0, 10, 12);
    const at = (day: number) => Date.UTC(2026, 0, day, 23, 59, 59, 999);
    await use(
      ann,
      { startedAtMs: at(7), costNano: nanoUsd(1n) },
      { startedAtMs: at(8), billingTier: 'balanced', costNano: nanoUsd(9_007_199_254_740_993n) },
      { startedAtMs: at(8), costNano: nanoUsd(0n), outcome: 'failed' },
      { startedAtMs: at(10) - 12 * HOUR_MS, billingTier: 'byok', costNano: nanoUsd(2n) },
    );
    const { body } = await read(ann.token, 'usage?days=3');
    const daily = [
      { date: '2026-01-08', ...totals(2, '9007199.254740993') },
      { date: '2026-01-09', ...totals(0, '0.00') },
      { date: '2026-01-10', ...totals(1, '0.000000002') },
    ];
    expect(body).toEqual({
      from: '2026-01-08',
      to: '2026-01-10',
      time_zone: 'UTC',
      total_usd: '9007199.254740995',
      requests: 3,
      daily,
      by_tier: {
        fast: totals(1, '0.00'),
        balanced: totals(1, '9007199.254740993'),
        passthrough: totals(0, '0.00'),
        byok: totals(1, '0.000000002'),
      },
      group_by: 'day',
      groups: [
        { id: '2026-01-08', name: null, ...totals(2, '9007199.254740993') },
        { id: '2026-01-09', name: null, ...totals(0, '0.00') },
        { id: '2026-01-10', name: null, ...totals(1, '0.000000002') },
      ],
    });
    expect((await read(ann.token, 'usage')).body.daily).toHaveLength(7);
    expect((await read(ann.token, 'usage?days=366')).body).toMatchObject({ requests: 4 });
  });

  test('has days that begin at the organization’s midnight, also when the clocks change', async () => {
    const before = platform.time.nowMs;
    // The 29th of March 2026 has 23 hours there.
    platform.time.nowMs = Date.UTC(2026, 2, 29, 22, 30);
    const ann = await platform.signUp('berlin');
    await platform.database.admin
      .update(organizations)
      .set({ timeZone: 'Europe/Berlin' })
      .where(eq(organizations.id, ann.organizationId));
    await use(
      ann,
      { startedAtMs: Date.UTC(2026, 2, 28, 22, 59) },
      { startedAtMs: Date.UTC(2026, 2, 28, 23, 0) },
      { startedAtMs: Date.UTC(2026, 2, 29, 21, 59) },
      { startedAtMs: Date.UTC(2026, 2, 29, 22, 0) },
    );
    const { body } = await read(ann.token, 'usage?days=2');
    expect(body.time_zone).toBe('Europe/Berlin');
    const days = body.daily.map((day: { date: string; requests: number }) => [
      day.date,
      day.requests,
    ]);
    expect(days).toEqual([
      ['2026-03-29', 2],
      ['2026-03-30', 1],
    ]);
    platform.time.nowMs = before;
  });

  test('groups by key, model and member, the most expensive first', async () => {
    const [ann, bob] = [
      await enrich(await platform.signUp('groups')),
      await platform.signUp('bob'),
    ];
    const { organizationId } = ann;
    await enlist(bob, organizationId, 'developer');
    await platform.createKey(ann);
    await platform.createKey(bob, organizationId);
    const keys = await platform.database.admin
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.organizationId, organizationId));
    const keyOf = (person: TestPerson) =>
      keys.find(({ createdBy }) => createdBy === person.userId)?.id ?? '';
    await use(
      ann,
      { keyId: keyOf(ann), modelUsed: 'm/a', costNano: nanoUsd(1n) },
      { keyId: keyOf(bob), modelUsed: 'm/b', costNano: nanoUsd(3n) },
      { keyId: keyOf(bob), modelUsed: 'm/a', costNano: nanoUsd(3n) },
      { keyId: 'key_gone', modelUsed: undefined, costNano: nanoUsd(0n), outcome: 'failed' },
    );
    const groups = async (by: string) =>
      (await read(ann.token, `usage?group_by=${by}`)).body.groups;
    expect(await groups('key')).toEqual([
      { id: keyOf(bob), name: 'test', ...totals(2, '0.000000006') },
      { id: keyOf(ann), name: 'test', ...totals(1, '0.000000001') },
      { id: 'key_gone', name: null, ...totals(1, '0.00') },
    ]);
    expect(await groups('model')).toEqual([
      { id: 'm/a', name: null, ...totals(2, '0.000000004') },
      { id: 'm/b', name: null, ...totals(1, '0.000000003') },
      { id: null, name: null, ...totals(1, '0.00') },
    ]);
    expect(await groups('member')).toEqual([
      { id: bob.userId, name: bob.email, ...totals(2, '0.000000006') },
      { id: ann.userId, name: ann.email, ...totals(1, '0.000000001') },
      { id: null, name: null, ...totals(1, '0.00') },
    ]);
    // Whoever has left is no longer named.
    await platform.database.admin.delete(memberships).where(eq(memberships.role, 'developer'));
    expect((await groups('member'))[0]).toMatchObject({ id: bob.userId, name: null });
  });

  test('comes as a file for spreadsheets in which no name calculates', async () => {
    const ann = await enrich(await platform.signUp('file'));
    await platform.createKey(ann);
    const [key] = await platform.database.admin
      .update(apiKeys)
      .set({ name: '=1+1,"x"' })
      .where(eq(apiKeys.organizationId, ann.organizationId))
      .returning();
    await use(ann, { keyId: key?.id ?? '', costNano: nanoUsd(5n) });
    const { headers, body } = await read(ann.token, 'usage?group_by=key', { accept: 'text/csv' });
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="usage-.*\.csv"$/);
    expect(body).toBe(
      `id,name,requests,input_tokens,output_tokens,cost_usd\r\n${key?.id},"'=1+1,""x""",1,12,5,0.000000005\r\n`,
    );
  });

  test.each(['days=0', 'days=367', 'days=x', 'group_by=tier', 'day=1'])(
    'is not summed up for %s',
    async (query) => {
      expect((await read(ada.token, `usage?${query}`)).status).toBe(400);
    },
  );

  test('of others is not in it', async () => {
    await use(ada, {});
    for (const by of ['day', 'key', 'model', 'member']) {
      const { body } = await read(eve.token, `usage?days=366&group_by=${by}`);
      expect([body.total_usd, body.requests]).toEqual(['0.00', 0]);
      expect(body.groups.every(({ requests }: { requests: number }) => requests === 0)).toBe(true);
    }
  });
});
