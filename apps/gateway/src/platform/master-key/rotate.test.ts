import { count, eq, getTableName, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../context.ts';
import {
  apiKeys,
  auditLog,
  cachedAnswers,
  gatewayInstances,
  idempotencyKeys,
  organizations,
  outboxMails,
  providerKeys,
  totpSecrets,
  users,
  vaultChecks,
} from '../db/index.ts';
import { createTestDatabase, type TestDatabase } from '../db/testing.ts';
import { Secret } from '../secret.ts';
import { testContext } from '../testing-context.ts';
import { PURPOSES } from '../vault-purposes.ts';
import { createVault, type Vault } from '../vault.ts';
import { checkMasterKey } from './check-master-key.ts';
import { rotateMasterKey } from './rotate.ts';
import { propertyOf, SEALED_COLUMNS, type Row } from './sealed-columns.ts';

const vaultOf = (name: string): Vault => createVault(new Secret(`the master key named ${name}`));
const OLD = vaultOf('old');
const NEW = vaultOf('new');
const MAILS = 230;

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { vault: NEW });
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [providerKeys, apiKeys, totpSecrets, users, organizations, idempotencyKeys]) {
    await database.admin.delete(table);
  }
  for (const table of [outboxMails, vaultChecks, gatewayInstances]) {
    await database.admin.delete(table);
  }
});

/** Something in every sealed column, and more rows than a batch has. */
async function fill(vault: Vault): Promise<void> {
  const { admin } = database;
  await checkMasterKey(database, vault);
  for (const number of [1, 2]) {
    const organizationId = `org_${number}`;
    const secret = (purpose: string) => vault.seal(purpose, `plain of ${purpose}`);
    const webhook = (id: string) => ({
      alertWebhookSecret: secret(PURPOSES.alertWebhook(id)),
      alertWebhookPreviousSecret: secret(PURPOSES.alertWebhook(id)),
    });
    await admin
      .insert(organizations)
      .values({ id: organizationId, name: 'x', kind: 'team', ...webhook(organizationId) });
    await admin
      .insert(users)
      .values({ id: `usr_${number}`, personalOrganizationId: organizationId });
    await admin
      .insert(totpSecrets)
      .values({ userId: `usr_${number}`, secret: secret(PURPOSES.totp(`usr_${number}`)) });
    await admin.insert(apiKeys).values({
      id: `key_${number}`,
      organizationId,
      name: 'x',
      prefix: 'x',
      secretHash: Buffer.from(`hash ${number}`),
      ...webhook(`key_${number}`),
    });
    const place = {
      organizationId,
      id: `pvk_${number}`,
      provider: 'openai',
      origin: 'https://api.openai.com',
    };
    await admin.insert(providerKeys).values({
      ...place,
      label: 'x',
      lastFour: 'last',
      secret: secret(PURPOSES.providerKey(place)),
    });
    // One bytes-valued part of a key that sorts otherwise than its text.
    for (const keyHash of [Buffer.from([0, 255]), Buffer.from([128, 39])]) {
      await admin.insert(idempotencyKeys).values({
        scope: organizationId,
        keyHash,
        requestHash: keyHash,
        answer: secret(PURPOSES.idempotentAnswer(organizationId, keyHash)),
        expiresAt: new Date(),
      });
    }
  }
  await admin.insert(outboxMails).values(
    Array.from({ length: MAILS }, (_, number) => ({
      id: `mail_${number}`,
      mail: vault.seal(
        PURPOSES.mail(`mail_${number}`),
        `plain of ${PURPOSES.mail(`mail_${number}`)}`,
      ),
      nextAttemptAt: new Date(),
    })),
  );
}

/** How many values of each column open with the vault, and say what they said. */
async function openWith(vault: Vault): Promise<Record<string, number>> {
  const opened: Record<string, number> = {};
  for (const sealed of SEALED_COLUMNS) {
    const { table, column, purposeOf } = sealed;
    const name = `${getTableName(table)}.${column.name}`;
    const rows = (await database.admin.select().from(table)) as readonly Row[];
    const property = propertyOf(sealed, column);
    opened[name] = rows.filter((row) => {
      try {
        const plain = vault.open(purposeOf(row), row[property] as Buffer).reveal();
        return plain === `plain of ${purposeOf(row)}`;
      } catch {
        return false;
      }
    }).length;
  }
  return opened;
}

const EVERYTHING = {
  'totp_secrets.secret': 2,
  'api_keys.alert_webhook_secret': 2,
  'api_keys.alert_webhook_previous_secret': 2,
  'organizations.alert_webhook_secret': 2,
  'organizations.alert_webhook_previous_secret': 2,
  'provider_keys.secret': 2,
  'outbox_mails.mail': MAILS,
  'idempotency_keys.answer': 4,
};
const NOTHING = Object.fromEntries(Object.keys(EVERYTHING).map((name) => [name, 0]));

/** Breaks off after so many parts of the work; `true`: it had ended before. */
async function rotateFor(parts: number, from: Vault | undefined = OLD): Promise<boolean> {
  let left = parts;
  try {
    await rotateMasterKey(ctx, {
      from,
      onBatch: () => {
        left -= 1;
        if (left < 0) throw new Error('killed');
      },
    });
    return true;
  } catch (error) {
    if (error instanceof Error && error.message === 'killed') return false;
    throw error;
  }
}

describe('a rotation', () => {
  test('seals everything anew: the new key opens all, the old one nothing', async () => {
    await fill(OLD);
    expect(await openWith(OLD)).toEqual(EVERYTHING);
    const rotation = await rotateMasterKey(ctx, { from: OLD });
    expect(await openWith(NEW)).toEqual(EVERYTHING);
    expect(await openWith(OLD)).toEqual(NOTHING);
    if (rotation.kind !== 'rotated') throw new Error(rotation.kind);
    expect(
      Object.fromEntries(
        rotation.columns.map(({ table, column, resealed }) => [`${table}.${column}`, resealed]),
      ),
    ).toEqual(EVERYTHING);
    await checkMasterKey(database, NEW);
    await expect(checkMasterKey(database, OLD)).rejects.toThrow('not the master key');
    const deeds = await database.admin
      .select()
      .from(auditLog)
      .where(eq(auditLog.action, 'master_key.rotate'));
    expect(deeds).toMatchObject([{ actorKind: 'operator', organizationId: null }]);
    expect(JSON.stringify(deeds)).not.toContain('plain of');
  });

  test('empties the cache of answers, which nobody could find any more', async () => {
    await fill(OLD);
    await database.admin.insert(cachedAnswers).values({
      organizationId: 'org_1',
      requestDigest: Buffer.from('keyed by the old one'),
      model: 'a/m',
      hostDigest: Buffer.from('keyed by the old one'),
      keyId: 'key_1',
      answer: Buffer.from('sealed'),
      byteCount: 1,
      createdAt: new Date(),
      expiresAt: new Date(Date.now() + 1e9),
    });
    await rotateMasterKey(ctx, { from: OLD });
    expect(await database.admin.$count(cachedAnswers)).toBe(0);
  });

  test('that is broken off anywhere keeps gateways out, and goes on where it stood', async () => {
    for (let parts = 0; ; parts += 1) {
      for (const table of [providerKeys, apiKeys, totpSecrets, users, organizations]) {
        await database.admin.delete(table);
      }
      for (const table of [idempotencyKeys, outboxMails, vaultChecks]) {
        await database.admin.delete(table);
      }
      await fill(OLD);
      if (await rotateFor(parts)) {
        // Every column, and two batches of mails beside it.
        expect(parts).toBeGreaterThanOrEqual(SEALED_COLUMNS.length + 2);
        break;
      }
      for (const vault of [OLD, NEW]) {
        await expect(checkMasterKey(database, vault), `after ${parts}`).rejects.toThrow(
          'was not finished',
        );
      }
      const [before, after] = [await openWith(OLD), await openWith(NEW)];
      for (const [name, all] of Object.entries(EVERYTHING)) {
        expect((before[name] ?? 0) + (after[name] ?? 0), `${name} after ${parts}`).toBe(all);
      }
      expect(await rotateFor(Infinity)).toBe(true);
      expect(await openWith(NEW)).toEqual(EVERYTHING);
      await checkMasterKey(database, NEW);
    }
  }, 120_000);

  test('that has ended has nothing left to do', async () => {
    await fill(OLD);
    await rotateMasterKey(ctx, { from: OLD });
    expect(await rotateMasterKey(ctx, { from: OLD })).toEqual({ kind: 'nothing-to-do' });
    expect(await openWith(NEW)).toEqual(EVERYTHING);
  });

  test('with the wrong old key changes nothing', async () => {
    await fill(OLD);
    await expect(rotateMasterKey(ctx, { from: vaultOf('wrong') })).rejects.toThrow(
      'The old key is not the one',
    );
    expect(await openWith(OLD)).toEqual(EVERYTHING);
    await checkMasterKey(database, OLD);
  });

  test('that was broken off is not gone on with to another key', async () => {
    await fill(OLD);
    await rotateFor(3);
    const other = testContext(database, { vault: vaultOf('other') });
    await expect(rotateMasterKey(other, { from: OLD })).rejects.toThrow('another new key');
    expect(await rotateFor(Infinity)).toBe(true);
  });

  test('leaves what opens with neither key as it is, and counts it', async () => {
    await fill(OLD);
    const broken = Buffer.from('neither the one nor the other, but long enough to be looked at');
    await database.admin
      .update(outboxMails)
      .set({ mail: broken })
      .where(eq(outboxMails.id, 'mail_7'));
    const rotation = await rotateMasterKey(ctx, { from: OLD });
    if (rotation.kind !== 'rotated') throw new Error(rotation.kind);
    const mails = rotation.columns.find(({ table }) => table === 'outbox_mails');
    expect(mails).toMatchObject({ resealed: MAILS - 1, unreadable: 1 });
    const [row] = await database.admin
      .select()
      .from(outboxMails)
      .where(eq(outboxMails.id, 'mail_7'));
    expect(row?.mail).toEqual(broken);
  });

  test('goes on without an old key that is lost: nothing is deleted, and the new one is in force', async () => {
    await fill(OLD);
    const rotation = await rotateMasterKey(ctx, { from: undefined });
    if (rotation.kind !== 'rotated') throw new Error(rotation.kind);
    expect(rotation.columns.every(({ resealed }) => resealed === 0)).toBe(true);
    expect(await openWith(OLD)).toEqual(EVERYTHING);
    await checkMasterKey(database, NEW);
  });

  test('waits for gateways that were there a moment ago', async () => {
    await fill(OLD);
    const seen = (secondsAgo: number) =>
      database.admin.execute(sql`
        insert into gateway_instances (id, directory_id, started_at, seen_at)
        values (${`gwi_${secondsAgo}`}, 'd', now(), now() - make_interval(secs => ${secondsAgo}))`);
    await seen(120);
    await seen(30);
    await expect(rotateMasterKey(ctx, { from: OLD })).rejects.toThrow('within the last 60 seconds');
    expect(await openWith(OLD)).toEqual(EVERYTHING);
    await checkMasterKey(database, OLD);
    await database.admin.delete(gatewayInstances).where(eq(gatewayInstances.id, 'gwi_30'));
    expect(await rotateFor(Infinity)).toBe(true);
  });
});

describe('the check of the master key', () => {
  test('is what the first one says, also when two come at once', async () => {
    const outcomes = await Promise.allSettled([
      checkMasterKey(database, OLD),
      checkMasterKey(database, NEW),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [row] = await database.admin.select({ count: count() }).from(vaultChecks);
    expect(row).toEqual({ count: 1 });
  });

  test('is not passed by what is sealed for something else', async () => {
    await database.admin
      .insert(vaultChecks)
      .values({ name: 'current', sealed: OLD.seal(PURPOSES.check, 'another text') });
    await expect(checkMasterKey(database, OLD)).rejects.toThrow('not the master key');
  });
});
