import { nanoUsd } from '@sealgate/contract';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../../platform/context.ts';
import { generations, memberships, organizations } from '../../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/db/testing.ts';
import { testContext } from '../../../platform/testing-context.ts';
import { plantCappedKey, plantMember, raisedIn } from '../alerts/testing.ts';
import type { Generation } from '../usage/generation.ts';
import { testGeneration } from '../testing.ts';
import { printGeneration } from '../usage/print-generation.ts';
import { settleGenerations } from './settle-generations.ts';

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database);
});
afterAll(() => database.close());

const DOLLAR = 1_000_000_000n;
const settle = (...used: readonly Generation[]) =>
  settleGenerations(ctx, used.map(printGeneration));

describe('what a request cost', () => {
  test('raises what it has reached, of the key, the member and the organization, once', async () => {
    const { organizationId, keyId } = await plantCappedKey(ctx);
    const userId = await plantMember(database, ctx, {
      organizationId,
      name: 'ada',
      role: 'developer',
    });
    await database.admin
      .update(memberships)
      .set({ monthlySpendQuotaNano: 6n * DOLLAR })
      .where(eq(memberships.userId, userId));
    await database.admin
      .update(organizations)
      .set({ monthlySpendQuotaNano: 20n * DOLLAR, lowBalanceAlertNano: 5n * DOLLAR })
      .where(eq(organizations.id, organizationId));
    const used = testGeneration(organizationId, {
      keyId,
      userId,
      costNano: nanoUsd(4_900_000_000n),
    });
    await settle(used);
    expect(await raisedIn(database, organizationId)).toEqual([
      `member ${userId} 50`,
      `member ${userId} 80`,
    ]);
    const rest = { keyId, userId, costNano: nanoUsd(200_000_000n) };
    await settle(used, testGeneration(organizationId, rest));
    expect(new Set(await raisedIn(database, organizationId))).toEqual(
      new Set([
        `member ${userId} 50`,
        `member ${userId} 80`,
        `key ${keyId} 50`,
        `wallet ${organizationId}`,
      ]),
    );
    await settle(used, testGeneration(organizationId, { ...rest, costNano: nanoUsd(0n) }));
    expect(await raisedIn(database, organizationId)).toHaveLength(4);
  });

  test('raises nothing when it cannot be booked', async () => {
    const { organizationId, keyId } = await plantCappedKey(ctx);
    const used = testGeneration(organizationId, { keyId, costNano: nanoUsd(9n * DOLLAR) });
    const failing = { ...ctx, clock: () => Number.NaN };
    await expect(settleGenerations(failing, [printGeneration(used)])).rejects.toThrow();
    expect(await raisedIn(database, organizationId)).toEqual([]);
    expect(await database.admin.$count(generations, eq(generations.id, used.id))).toBe(0);
  });
});
