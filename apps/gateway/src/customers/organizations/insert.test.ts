import { nanoUsd } from '@sealgate/contract';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../platform/context.ts';
import {
  auditLog,
  ledgerEntries,
  organizations,
  inSystem,
  wallets,
} from '../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/testing.ts';
import { newId } from '../../platform/ids.ts';
import { testContext } from '../../platform/testing-context.ts';
import { findFirstOrganization } from './index.ts';
import { plantOrganization } from './testing.ts';

const NOW_MS = Date.UTC(2026, 0, 2);
const startCreditNano = nanoUsd(10_000_000_000n);

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { clock: () => NOW_MS, actor: { kind: 'system' } });
});
afterAll(() => database.close());

describe('a new organization', () => {
  test('has its start credit in the wallet, booked from adjustments, and an audit row', async () => {
    const { id } = await plantOrganization(ctx, startCreditNano);
    const [wallet] = await database.admin
      .select()
      .from(wallets)
      .where(eq(wallets.organizationId, id));
    expect(wallet?.balanceNano).toBe(startCreditNano);

    const entries = await database.admin
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

    const deeds = await database.admin
      .select()
      .from(auditLog)
      .where(eq(auditLog.organizationId, id));
    expect(deeds).toMatchObject([
      {
        action: 'organization.create',
        subject: id,
        actorKind: 'system',
        createdAt: new Date(NOW_MS),
      },
    ]);
  });

  test('without start credit has an empty wallet and no ledger entry', async () => {
    const { id } = await plantOrganization(ctx);
    const [wallet] = await database.admin
      .select()
      .from(wallets)
      .where(eq(wallets.organizationId, id));
    expect(wallet?.balanceNano).toBe(0n);
    const entries = database.admin
      .select()
      .from(ledgerEntries)
      .where(eq(ledgerEntries.organizationId, id));
    expect(await entries).toEqual([]);
  });

  test('leaves nothing behind when one part fails', async () => {
    const before = await database.admin.$count(organizations);
    const failing: Context = {
      ...ctx,
      newId: (kind) => (kind === 'audit' ? String.fromCharCode(0) : newId(kind)),
    };
    await expect(plantOrganization(failing, startCreditNano)).rejects.toThrow();
    expect(await database.admin.$count(organizations)).toBe(before);
  });

  test('the first organization is the oldest', async () => {
    const first = await inSystem(ctx, findFirstOrganization);
    await plantOrganization(ctx, startCreditNano);
    expect(first).toBeDefined();
    expect(await inSystem(ctx, findFirstOrganization)).toEqual(first);
  });
});
