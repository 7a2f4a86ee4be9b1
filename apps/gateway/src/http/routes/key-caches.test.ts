import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { purge } from '../../customers/accounts/index.ts';
import { createKeyVerifier, type KeyVerdict } from '../../customers/keys/index.ts';
import { auditLog, cachedAnswers, memberships } from '../../platform/db/index.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

let platform: TestPlatform;
let ada: TestPerson;
let bob: TestPerson;
let eve: TestPerson;
/** Ada's team, in which Bob is a developer. */
let team: string;
beforeAll(async () => {
  platform = await createTestPlatform();
  ada = await platform.signUp('ada');
  bob = await platform.signUp('bob');
  eve = await platform.signUp('eve');
});
beforeEach(async () => {
  const { body } = await platform.call('POST /v1/organizations', {
    as: ada.token,
    body: { name: 'Acme' },
  });
  team = body.organization.org_id;
  const id = `mem_${team.slice(4)}`;
  await platform.database.admin
    .insert(memberships)
    .values({ id, organizationId: team, userId: bob.userId, role: 'developer' });
});
afterAll(() => platform.close());

const call = (operation: string, person: TestPerson, body?: unknown) =>
  platform.call(operation, { as: person.token, body, headers: { 'x-organization-id': team } });
const newKey = async (person: TestPerson, cache?: object) =>
  (await call('POST /v1/keys', person, { name: 'test', ...(cache && { cache }) })).body;

async function newestDeed(subject: string) {
  const [deed] = await platform.database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.subject, subject))
    .orderBy(desc(auditLog.id));
  return deed;
}

/** An answer that this key has kept. */
const keepAnswer = (keyId: string, organizationId = team) =>
  platform.database.admin.insert(cachedAnswers).values({
    organizationId,
    requestDigest: Buffer.from(keyId),
    model: 'a/m',
    hostDigest: Buffer.from('host'),
    keyId,
    answer: Buffer.from('sealed'),
    byteCount: 6,
    createdAt: new Date(platform.time.nowMs),
    expiresAt: new Date(platform.time.nowMs + 60_000),
  });

const keptBy = (keyId: string): Promise<number> =>
  platform.database.admin.$count(cachedAnswers, eq(cachedAnswers.keyId, keyId));

describe('does', () => {
  test('a key keeps nothing until it is told to; what is not named stays', async () => {
    const { key } = await newKey(ada);
    const off = { mode: 'off', scope: 'key', ttl_seconds: 86_400, min_similarity: 0.8 };
    expect(key.cache).toEqual(off);
    const path = `PATCH /v1/keys/${key.key_id}/cache`;
    const on = await call(path, ada, { mode: 'semantic', ttl_seconds: 600 });
    expect([on.status, on.body.cache]).toEqual([
      200,
      { ...off, mode: 'semantic', ttl_seconds: 600 },
    ]);
    const shared = await call(path, ada, { scope: 'organization', min_similarity: 0.95 });
    const expected = {
      mode: 'semantic',
      scope: 'organization',
      ttl_seconds: 600,
      min_similarity: 0.95,
    };
    expect(shared.body.cache).toEqual(expected);
    expect((await call(`GET /v1/keys/${key.key_id}`, ada)).body.cache).toEqual(expected);
    expect(await newestDeed(key.key_id)).toMatchObject({
      action: 'key.update',
      organizationId: team,
      details: { fields: ['cache'], cache: { scope: 'organization', minSimilarity: 0.95 } },
    });
    const changed = await call(`PATCH /v1/keys/${key.key_id}`, ada, { cache: { mode: 'exact' } });
    expect(changed.body.cache).toEqual({ ...expected, mode: 'exact' });
  });

  test('a key can be made with it, and the hot path learns of a change at once', async () => {
    const { database, ctx } = platform;
    const clock = () => platform.time.nowMs;
    const keys = createKeyVerifier({ database, vault: ctx.vault, clock, rateLimitRpm: 60 });
    const { key, full_key: secret } = await newKey(ada, { mode: 'exact', ttl_seconds: 60 });
    const cacheOf = (verdict: KeyVerdict) =>
      verdict.kind === 'valid' ? verdict.key.cache : verdict.kind;
    expect(cacheOf(await keys.verify(secret))).toEqual({
      mode: 'exact',
      scope: 'key',
      ttlMs: 60_000,
      minSimilarity: 0.8,
    });
    await call(`PATCH /v1/keys/${key.key_id}/cache`, ada, { mode: 'off' });
    await expect.poll(async () => cacheOf(await keys.verify(secret))).toBeUndefined();
    await keys.close();
  });

  test('what a key has kept is deleted on demand, and nothing else', async () => {
    const [one, two] = [(await newKey(bob)).key.key_id, (await newKey(ada)).key.key_id];
    await keepAnswer(one);
    await keepAnswer(two);
    expect((await call(`DELETE /v1/keys/${one}/cache`, bob)).status).toBe(204);
    expect([await keptBy(one), await keptBy(two)]).toEqual([0, 1]);
    expect(await newestDeed(one)).toMatchObject({
      action: 'key.clear_cache',
      organizationId: team,
    });
    await keepAnswer(one);
    expect((await call(`DELETE /v1/organizations/${team}/cache`, ada)).status).toBe(204);
    expect([await keptBy(one), await keptBy(two)]).toEqual([0, 0]);
    expect(await newestDeed(team)).toMatchObject({ action: 'organization.clear_cache' });
  });

  test('with an organization goes what its keys have kept; with time, what has expired', async () => {
    const { key } = await newKey(ada);
    await keepAnswer(key.key_id);
    await keepAnswer('key_eve', eve.organizationId);
    await call(`DELETE /v1/organizations/${team}`, ada);
    expect([await keptBy(key.key_id), await keptBy('key_eve')]).toEqual([0, 1]);
    platform.time.nowMs += 60_001;
    await keepAnswer('key_later', eve.organizationId);
    await purge({ ...platform.ctx, actor: { kind: 'system' } });
    expect([await keptBy('key_eve'), await keptBy('key_later')]).toEqual([0, 1]);
  });
});

describe('refuses', () => {
  test.each([
    ['an unknown mode', { mode: 'always' }, 'mode'],
    ['a lifetime of a moment', { ttl_seconds: 9 }, 'ttl_seconds'],
    ['a lifetime of years', { ttl_seconds: 2_592_001 }, 'ttl_seconds'],
    ['likeness that is none', { min_similarity: 0.4 }, 'min_similarity'],
    ['a field that it does not know', { threshold: 0.9 }, 'threshold'],
  ])('%s', async (_what, change, field) => {
    const { key } = await newKey(ada);
    const { status, body } = await call(`PATCH /v1/keys/${key.key_id}/cache`, ada, change);
    expect([status, body.error.code]).toEqual([400, 'invalid_request_error']);
    expect(body.error.message).toContain(field);
  });

  test('a developer: others’ keys, and the organization’s whole cache', async () => {
    const { key } = await newKey(ada);
    await keepAnswer(key.key_id);
    for (const answer of [
      call(`PATCH /v1/keys/${key.key_id}/cache`, bob, { mode: 'exact' }),
      call(`DELETE /v1/keys/${key.key_id}/cache`, bob),
      call(`DELETE /v1/organizations/${team}/cache`, bob),
    ]) {
      expect((await answer).body.error.code).toBe('permission_denied');
    }
    expect(await keptBy(key.key_id)).toBe(1);
  });

  test('more than the server allows, and nothing that is less', async () => {
    const careful = await createTestPlatform({ changes: { mostCache: 'exact' } });
    const person = await careful.signUp('ada');
    const create = (cache: object) =>
      careful.call('POST /v1/keys', { as: person.token, body: { name: 'test', cache } });
    const refused = await create({ mode: 'semantic' });
    expect([refused.status, refused.body.error.param]).toEqual([400, 'cache.mode']);
    expect(refused.body.error.message).toContain('SEALGATE_CACHE');
    const { body } = await create({ mode: 'exact' });
    const change = (operation: string, changes: object) =>
      careful.call(operation, { as: person.token, body: changes });
    const path = `PATCH /v1/keys/${body.key.key_id}`;
    expect((await change(path, { cache: { mode: 'semantic' } })).status).toBe(400);
    expect((await change(`${path}/cache`, { mode: 'semantic' })).status).toBe(400);
    expect((await change(`${path}/cache`, { mode: 'off' })).status).toBe(200);
    await careful.close();
  });
});

describe('keeps apart', () => {
  test('another organization’s cache looks like none', async () => {
    const { key } = await newKey(ada);
    await keepAnswer(key.key_id);
    const asEve = (operation: string) => platform.call(operation, { as: eve.token });
    expect((await asEve(`DELETE /v1/keys/${key.key_id}/cache`)).status).toBe(404);
    expect((await asEve(`DELETE /v1/organizations/${team}/cache`)).status).toBe(404);
    expect(await keptBy(key.key_id)).toBe(1);
  });
});
