import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Context } from '../../platform/context.ts';
import { auditLog } from '../../platform/db/index.ts';
import { createFragileDatabase } from '../../platform/db/testing-outage.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/db/testing.ts';
import { testContext } from '../../platform/testing-context.ts';
import { plantOrganization } from '../organizations/testing.ts';
import { createKey, createKeyVerifier, listKeys, revokeKey, type KeyVerifier } from './index.ts';
import { mintSecret } from './secret.ts';

let database: TestDatabase;
let ctx: Context;
let organizationId: string;
let nowMs: number;
let verifier: KeyVerifier;

beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { clock: () => nowMs });
  nowMs = Date.UTC(2026, 0, 2);
  ({ id: organizationId } = await plantOrganization(ctx));
});
afterAll(() => database.close());

beforeEach(() => {
  verifier = createKeyVerifier({
    database,
    vault: ctx.vault,
    clock: () => nowMs,
    rateLimitRpm: 60,
  });
});
afterEach(() => verifier.close());

const newKey = async (extra: { expiresAt?: Date; allowedModels?: string[] } = {}) => {
  const { key, secret } = await createKey(ctx, { organizationId, name: 'test', ...extra });
  return { id: key.id, secret: secret.reveal() };
};

describe('does', () => {
  test('a created key is valid with what was asked for, and only its hash is stored', async () => {
    const { id, secret } = await newKey({ allowedModels: ['local/math'] });
    expect(await verifier.verify(secret)).toEqual({
      kind: 'valid',
      key: {
        id,
        organizationId,
        timeZone: 'UTC',
        plan: { planId: 'pay-as-you-go', next: undefined },
        ownKeys: new Map(),
        createdBy: undefined,
        name: 'test',
        rateLimitRpm: 60,
        allowedModels: new Set(['local/math']),
        geoPolicy: 'any',
        allowedAddresses: undefined,
        expiresAtMs: undefined,
        replacedAtMs: undefined,
      },
    });
    const stored = await database.admin.execute(sql`select api_keys::text as row from api_keys`);
    expect(JSON.stringify(stored.rows)).not.toContain(secret);
    const listed = await listKeys(ctx, organizationId);
    expect(listed[0]).toMatchObject({ id, prefix: secret.slice(0, 12) });
    expect(listed[0]).not.toHaveProperty('secretHash');
  });

  test('a key’s own rate limit goes before the one of all keys', async () => {
    const { secret } = await createKey(ctx, { organizationId, name: 'test', rateLimitRpm: 7 });
    expect(await verifier.verify(secret.reveal())).toMatchObject({ key: { rateLimitRpm: 7 } });
  });

  test('a second look at a key asks nothing of the database', async () => {
    const { secret } = await newKey();
    // The announcement of the new key itself may still be on its way, and empties the place in the cache once.
    await vi.waitFor(async () => {
      await verifier.verify(secret);
      expect(verifier.verifyCached(secret)?.kind).toBe('valid');
    });
  });

  test('the last use is written when the verifier closes', async () => {
    const { id, secret } = await newKey();
    await verifier.verify(secret);
    nowMs += 1_000;
    await verifier.verify(secret);
    await verifier.close();
    const listed = (await listKeys(ctx, organizationId)).find((key) => key.id === id);
    expect(listed?.lastUsedAt?.getTime()).toBe(nowMs);
  });

  test('creating and revoking leave one audit row each, revoking twice no third', async () => {
    const { id } = await newKey();
    await revokeKey(ctx, { id, organizationId });
    await revokeKey(ctx, { id, organizationId });
    const deeds = await database.admin
      .select()
      .from(auditLog)
      .where(sql`subject = ${id}`);
    expect(deeds.map((deed) => deed.action).sort()).toEqual(['key.create', 'key.revoke']);
  });
});

describe('refuses', () => {
  test('a revoked key at once, although it is remembered as valid', async () => {
    const { id, secret } = await newKey();
    await vi.waitFor(async () => {
      await verifier.verify(secret);
      expect(verifier.verifyCached(secret)?.kind).toBe('valid');
    });
    await revokeKey(ctx, { id, organizationId });
    await vi.waitFor(() => expect(verifier.verifyCached(secret)).toBeUndefined(), { interval: 5 });
    expect(await verifier.verify(secret)).toEqual({ kind: 'revoked' });
  });

  test('a key of our shape that nobody created', async () => {
    expect(await verifier.verify(mintSecret().secret.reveal())).toEqual({ kind: 'unknown' });
  });

  test('text of another shape from memory alone', () => {
    expect(verifier.verifyCached(`sk-xc-' or 1=1 --`)).toEqual({ kind: 'unknown' });
  });

  test('a key from the moment it expires', async () => {
    const { secret } = await newKey({ expiresAt: new Date(nowMs + 5_000) });
    expect((await verifier.verify(secret)).kind).toBe('valid');
    nowMs += 5_000;
    expect((await verifier.verify(secret)).kind).toBe('expired');
  });
});

describe('keeps apart', () => {
  test('another organization’s key looks like no key at all', async () => {
    const other = await plantOrganization(ctx);
    const { id, secret } = await newKey();
    await expect(revokeKey(ctx, { id, organizationId: other.id })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await verifier.verify(secret)).kind).toBe('valid');
    expect(await listKeys(ctx, other.id)).toEqual([]);
  });
});

describe('when the database is away', () => {
  test('known keys go on working, unknown ones are told to come back, and what changed meanwhile is seen after', async () => {
    const fragile = await createFragileDatabase(database);
    const cut = createKeyVerifier({
      database: fragile,
      vault: ctx.vault,
      clock: () => nowMs,
      rateLimitRpm: 60,
    });
    const { id, secret } = await newKey();
    const unseen = await newKey();
    await cut.verify(secret);
    await vi.waitFor(async () => {
      await cut.verify(secret);
      expect(cut.verifyCached(secret)?.kind).toBe('valid');
    });

    await fragile.cut();
    expect((await cut.verify(secret)).kind).toBe('valid');
    await expect(cut.verify(unseen.secret)).rejects.toMatchObject({
      code: 'service_unavailable',
      details: { retryAfterSeconds: 2 },
    });
    await revokeKey(ctx, { id, organizationId });

    await fragile.mend();
    await vi.waitFor(async () => expect((await cut.verify(secret)).kind).toBe('revoked'), {
      timeout: 10_000,
    });
    await cut.close();
    await fragile.close();
  });
});
