import { nanoUsd } from '@sealgate/contract';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../platform/context.ts';
import {
  auditLog,
  ledgerEntries,
  organizations,
  wallets,
  type Database,
} from '../../platform/db/index.ts';
import { createTestDatabase } from '../../platform/db/testing.ts';
import { newId } from '../../platform/ids.ts';
import { createPersonalOrganization, findFirstOrganization } from './index.ts';

const NOW_MS = Date.UTC(2026, 0, 2);
const startCreditNano = nanoUsd(10_000_000_000n);

let database: Database;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = { db: database.db, clock: () => NOW_MS, newId, actor: 'system' };
});
afterAll(() => database.close());

describe('a new personal organization', () => {
  test('has its start credit in the wallet, booked from adjustments, and an audit row', async () => {
    const { id } = await createPersonalOrganization(ctx, { startCreditNano });
    const [wallet] = await ctx.db.select().from(wallets).where(eq(wallets.organizationId, id));
    expect(wallet?.balanceNano).toBe(startCreditNano);

    const entries = await ctx.db
      .select()
      .from(ledgerEntries)
      .where(eq(ledgerEntries.organizationId, id));
    const amounts = entries.map(({ account, amountNano }) => [account, amountNano] as const);
    expect(Object.fromEntries(amounts)).toEqual({
      wallet: 10_000_000_000n,
      adjustments: -10_000_000_000n,
    });
    expect(entries).toHaveLength(2);
    expect(new Set(entries.map((entry) => entry.transferId)).size).toBe(1);

    const deeds = await ctx.db.select().from(auditLog).where(eq(auditLog.organizationId, id));
    expect(deeds).toMatchObject([
      { action: 'organization.create', subject: id, actor: 'system', createdAt: new Date(NOW_MS) },
    ]);
  });

  test('without start credit has an empty wallet and no ledger entry', async () => {
    const { id } = await createPersonalOrganization(ctx, { startCreditNano: nanoUsd(0n) });
    const [wallet] = await ctx.db.select().from(wallets).where(eq(wallets.organizationId, id));
    expect(wallet?.balanceNano).toBe(0n);
    const entries = ctx.db.select().from(ledgerEntries).where(eq(ledgerEntries.organizationId, id));
    expect(await entries).toEqual([]);
  });

  test('leaves nothing behind when one part fails', async () => {
    const before = await ctx.db.$count(organizations);
    const failing: Context = {
      ...ctx,
      newId: (kind) => (kind === 'audit' ? String.fromCharCode(0) : newId(kind)),
    };
    await expect(createPersonalOrganization(failing, { startCreditNano })).rejects.toThrow();
    expect(await ctx.db.$count(organizations)).toBe(before);
  });

  test('the first organization is the oldest', async () => {
    const first = await findFirstOrganization(ctx.db);
    await createPersonalOrganization(ctx, { startCreditNano });
    expect(first).toBeDefined();
    expect(await findFirstOrganization(ctx.db)).toEqual(first);
  });
});
