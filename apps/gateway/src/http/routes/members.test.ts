import { and, desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  auditLog,
  budgets,
  feedback,
  memberships,
  outboxMails,
  paymentProfiles,
  routingDecisions,
} from '../../platform/db/index.ts';
import type { Mail } from '../../platform/mail/index.ts';
import { createTestPlatform, type TestPerson, type TestPlatform } from '../testing.ts';

let platform: TestPlatform;
let owner: TestPerson;
let admin: TestPerson;
let developer: TestPerson;
let stranger: TestPerson;
/** Of the first three. */
let org: string;

beforeAll(async () => {
  platform = await createTestPlatform();
  [owner, admin, developer, stranger] = (await Promise.all(
    ['owner', 'admin', 'developer', 'stranger'].map((name) => platform.signUp(name)),
  )) as [TestPerson, TestPerson, TestPerson, TestPerson];
});
afterAll(() => platform.close());
beforeEach(async () => {
  // Before the minute of the last test: nobody's requests are used up.
  platform.time.nowMs += 61_000;
  org = await found(owner);
  await join(org, owner, admin, 'admin');
  await join(org, owner, developer, 'developer');
});

async function found(by: TestPerson): Promise<string> {
  const { body } = await platform.call('POST /v1/organizations', {
    as: by.token,
    body: { name: 'Acme' },
  });
  return String(body.organization.org_id);
}

const invite = (id: string, by: TestPerson, email: string, role = 'developer') =>
  platform.call(`POST /v1/organizations/${id}/invitations`, {
    as: by.token,
    body: { email, role },
  });

/** The token of the newest mail to the address. */
async function tokenFor(email: string): Promise<string> {
  const rows = await platform.database.admin
    .select()
    .from(outboxMails)
    .orderBy(desc(outboxMails.id));
  const mails = rows.map(
    ({ id, mail }) => JSON.parse(platform.ctx.vault.open(`mail:${id}`, mail).reveal()) as Mail,
  );
  const content = mails.find(({ to }) => to === email)?.content;
  return content?.template === 'invitation' ? content.token : '';
}

const accept = (who: TestPerson, token: string) =>
  platform.call(`POST /v1/invitations/${token}/accept`, { as: who.token });

async function join(id: string, by: TestPerson, who: TestPerson, role: string): Promise<void> {
  await invite(id, by, who.email, role);
  expect(await accept(who, await tokenFor(who.email))).toMatchObject({ status: 200 });
}

const remove = (id: string, as: string, who: TestPerson) =>
  platform.call(`DELETE /v1/organizations/${id}/members/${who.userId}`, { as });
const change = (as: string, who: TestPerson, role: string) =>
  platform.call(`PATCH /v1/organizations/${org}/members/${who.userId}`, { as, body: { role } });
const limit = (as: string, quota: string | undefined) =>
  platform.call(`PATCH /v1/organizations/${org}/members/${developer.userId}`, {
    as,
    body: { monthly_spend_quota_usd: quota },
  });

async function limitByLimitedKey() {
  const { body } = await platform.call('POST /v1/keys', {
    as: owner.token,
    body: { name: 'limited', monthly_spend_cap_usd: '1' },
    headers: { 'x-organization-id': org },
  });
  return limit(body.full_key, '5');
}
const transfer = (id: string, as: string, userId: string) =>
  platform.call(`POST /v1/organizations/${id}/transfer-owner`, {
    as,
    body: { new_owner_user_id: userId },
  });

const rolesOf = async (id: string): Promise<Record<string, string>> => {
  const rows = await platform.database.admin
    .select()
    .from(memberships)
    .where(eq(memberships.organizationId, id));
  return Object.fromEntries(rows.map(({ userId, role }) => [userId, role]));
};

const deeds = async (action: string) => {
  const rows = await platform.database.admin
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.organizationId, org), eq(auditLog.action, action)))
    .orderBy(desc(auditLog.id));
  return rows;
};

const codeOf = ({ status, body }: { status: number; body: { error?: { code?: string } } }) => [
  status,
  body.error?.code,
];

describe('members', () => {
  test('everybody sees who belongs, in the order of joining', async () => {
    const { status, body } = await platform.call(`GET /v1/organizations/${org}/members`, {
      as: developer.token,
    });
    expect(status).toBe(200);
    expect(body.data.map((each: { role: string }) => each.role).toSorted()).toEqual([
      'admin',
      'developer',
      'owner',
    ]);
    expect(body.data).toContainEqual({
      user_id: developer.userId,
      email: 'developer@example.com',
      full_name: 'developer',
      role: 'developer',
      monthly_spend_quota_usd: null,
      spend_this_month_usd: '0.00',
      joined_at: expect.any(String),
    });
  });

  test('the owner makes a developer an admin and back, with rows in the record', async () => {
    expect(await change(owner.token, developer, 'admin')).toMatchObject({
      status: 200,
      body: { user_id: developer.userId, role: 'admin' },
    });
    expect(await change(owner.token, developer, 'developer')).toMatchObject({ status: 200 });
    const rows = await deeds('member.change-role');
    expect(rows.map(({ details }) => details)).toEqual(
      expect.arrayContaining([
        { from: 'developer', to: 'admin' },
        { from: 'admin', to: 'developer' },
      ]),
    );
    expect(rows[0]).toMatchObject({ actorId: owner.userId, subject: developer.userId });
  });

  test('an admin sets a quota on anybody, the owner too, and everybody sees it with what was spent', async () => {
    const quota = (who: TestPerson, body: object) =>
      platform.call(`PATCH /v1/organizations/${org}/members/${who.userId}`, {
        as: admin.token,
        body,
      });
    await platform.database.admin.insert(budgets).values({
      organizationId: org,
      scope: 'member',
      subject: developer.userId,
      month: '2026-01',
      spentNano: 1_250_000_000n,
    });
    const set = await quota(developer, { monthly_spend_quota_usd: '5' });
    expect(set).toMatchObject({
      status: 200,
      body: {
        user_id: developer.userId,
        role: 'developer',
        monthly_spend_quota_usd: '5.00',
        spend_this_month_usd: '1.25',
      },
    });
    expect(await quota(owner, { monthly_spend_quota_usd: '0' })).toMatchObject({ status: 200 });
    const { body } = await platform.call(`GET /v1/organizations/${org}/members`, {
      as: developer.token,
    });
    expect(body.data).toContainEqual(set.body);
    expect(await quota(developer, { monthly_spend_quota_usd: null })).toMatchObject({
      body: { monthly_spend_quota_usd: null },
    });
    const rows = await deeds('member.change-quota');
    expect(rows.map(({ subject, actorId, details }) => [subject, actorId, details])).toEqual(
      expect.arrayContaining([
        [developer.userId, admin.userId, { from: null, to: '5000000000' }],
        [owner.userId, admin.userId, { from: null, to: '0' }],
        [developer.userId, admin.userId, { from: '5000000000', to: null }],
      ]),
    );
  });

  test('role and quota change together, or neither', async () => {
    const both = (as: string, role: string) =>
      platform.call(`PATCH /v1/organizations/${org}/members/${developer.userId}`, {
        as,
        body: { role, monthly_spend_quota_usd: '5' },
      });
    expect(await both(admin.token, 'admin')).toMatchObject({ status: 403 });
    const before = await platform.call(`GET /v1/organizations/${org}/members`, { as: owner.token });
    expect(JSON.stringify(before.body)).not.toContain('5.00');
    expect(await both(owner.token, 'admin')).toMatchObject({
      status: 200,
      body: { role: 'admin', monthly_spend_quota_usd: '5.00' },
    });
  });

  test('a removed member is out at once, and the keys they made are revoked', async () => {
    const key = await platform.createKey(developer, org);
    expect(await remove(org, admin.token, developer)).toMatchObject({ status: 204, body: '' });
    const look = (as: string) => platform.call(`GET /v1/organizations/${org}`, { as });
    expect(await look(developer.token)).toMatchObject({ status: 404 });
    expect(codeOf(await look(key))).toEqual([401, 'key_revoked']);
    const [deed] = await deeds('member.remove');
    expect(deed).toMatchObject({ subject: developer.userId, actorId: admin.userId });
    expect(deed?.details).toMatchObject({ revokedKeys: [expect.stringMatching(/^key_/)] });
  });

  test('anybody but the owner may leave', async () => {
    expect(await remove(org, developer.token, developer)).toMatchObject({ status: 204 });
    expect(codeOf(await remove(org, owner.token, owner))).toEqual([409, 'last_owner']);
    expect(await deeds('member.leave')).toHaveLength(1);
  });

  test.each<[string, () => Promise<{ status: number; body: object }>, number]>([
    ['an admin who makes an admin', () => change(admin.token, developer, 'admin'), 403],
    ['a developer who removes somebody else', () => remove(org, developer.token, admin), 403],
    ['an admin who removes the owner', () => remove(org, admin.token, owner), 409],
    ['an admin who demotes the owner', () => change(admin.token, owner, 'developer'), 409],
    ['somebody who makes an owner', () => change(owner.token, developer, 'owner'), 400],
    ['a developer who sets a quota', () => limit(developer.token, '5'), 403],
    ['a quota that is none', () => limit(owner.token, 'much'), 400],
    ['a change of nothing', () => limit(owner.token, undefined), 400],
    ['a key that is limited itself and sets a quota', limitByLimitedKey, 403],
    ['who removes somebody who is no member', () => remove(org, owner.token, stranger), 404],
  ])('refuses %s', async (_what, attempt, status) => {
    const before = await rolesOf(org);
    expect(await attempt()).toMatchObject({ status });
    expect(await rolesOf(org)).toEqual(before);
  });

  test('refuses an admin who removes or demotes another admin', async () => {
    await join(org, owner, stranger, 'admin');
    expect(await remove(org, admin.token, stranger)).toMatchObject({ status: 403 });
    expect(await change(admin.token, stranger, 'developer')).toMatchObject({ status: 403 });
    expect((await rolesOf(org))[stranger.userId]).toBe('admin');
  });

  test('are not seen, changed or removed from outside: it all looks like nothing', async () => {
    const key = await platform.createKey(stranger);
    for (const as of [stranger.token, key]) {
      const answers = await Promise.all([
        platform.call(`GET /v1/organizations/${org}/members`, { as }),
        platform.call(`GET /v1/organizations/${org}/invitations`, { as }),
        platform.call(`GET /v1/organizations/${org}/audit-log`, { as }),
        platform.call(`DELETE /v1/organizations/${org}`, { as }),
        change(as, developer, 'developer'),
        limit(as, '5'),
        remove(org, as, developer),
        transfer(org, as, stranger.userId),
        invite(org, { ...stranger, token: as }, 'x@example.com'),
      ]);
      for (const answer of answers) expect(codeOf(answer)).toEqual([404, 'not_found']);
    }
    expect(Object.keys(await rolesOf(org))).toHaveLength(3);
  });
});

describe('invitations', () => {
  test('are told by mail, listed without their token, and make a member of the role', async () => {
    const { status, body } = await invite(org, admin, ' Stranger@Example.com'.trim());
    expect(status).toBe(201);
    expect(body).toMatchObject({ email: 'stranger@example.com', status: 'pending', org_id: org });
    const token = await tokenFor('stranger@example.com');
    expect(token).toHaveLength(43);
    const path = `/v1/organizations/${org}/invitations`;
    const listed = await platform.call(`GET ${path}`, { as: admin.token });
    expect(JSON.stringify(listed.body)).not.toContain(token);
    expect(listed.body.data[0]).toEqual(body);
    const joined = await accept(stranger, token);
    expect(joined.body.organization).toMatchObject({ org_id: org, role: 'developer' });
    const one = await platform.call(`GET ${path}/${body.invitation_id}`, { as: admin.token });
    expect(one.body.status).toBe('accepted');
    expect(await deeds('invitation.create')).toHaveLength(3);
    expect((await deeds('member.join'))[0]).toMatchObject({ actorId: stranger.userId });
    expect(JSON.stringify(await deeds('invitation.create'))).not.toContain('example.com');
  });

  test('accepted twenty times at once make one member, and everybody gets the same answer', async () => {
    await invite(org, owner, stranger.email);
    const token = await tokenFor(stranger.email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => accept(stranger, token)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 200 });
    expect(Object.keys(await rolesOf(org))).toHaveLength(4);
    expect(await deeds('member.join')).toHaveLength(3);
  });

  test('a newer one of the same address replaces the older', async () => {
    await invite(org, owner, stranger.email);
    const older = await tokenFor(stranger.email);
    platform.time.nowMs += 1;
    await invite(org, owner, stranger.email, 'admin');
    expect(codeOf(await accept(stranger, older))).toEqual([404, 'not_found']);
    const joined = await accept(stranger, await tokenFor(stranger.email));
    expect(joined.body.organization.role).toBe('admin');
  });

  test('open nothing once revoked, expired, accepted by a member who left, or for another address', async () => {
    const revoked = await invite(org, owner, stranger.email);
    const revokedToken = await tokenFor(stranger.email);
    const path = `/v1/organizations/${org}/invitations/${revoked.body.invitation_id}`;
    expect(codeOf(await accept(developer, revokedToken))).toEqual([403, 'permission_denied']);
    expect(await platform.call(`DELETE ${path}`, { as: admin.token })).toMatchObject({
      status: 204,
    });
    expect(await deeds('invitation.revoke')).toHaveLength(1);
    expect(codeOf(await accept(stranger, revokedToken))).toEqual([404, 'not_found']);

    platform.time.nowMs += 1;
    await invite(org, owner, stranger.email);
    const token = await tokenFor(stranger.email);
    platform.time.nowMs += 7 * 24 * 3_600_000;
    expect(codeOf(await accept(stranger, token))).toEqual([404, 'not_found']);
    await invite(org, owner, stranger.email);
    const used = await tokenFor(stranger.email);
    await accept(stranger, used);
    await remove(org, owner.token, stranger);
    expect(codeOf(await accept(stranger, used))).toEqual([404, 'not_found']);
    expect(codeOf(await accept(stranger, 'x'.repeat(43)))).toEqual([404, 'not_found']);
    expect(Object.keys(await rolesOf(org))).toHaveLength(3);
  });

  test('are refused to developers, of admins to admins, of members, and beyond a hundred', async () => {
    expect(codeOf(await invite(org, developer, 'x@example.com'))).toEqual([
      403,
      'permission_denied',
    ]);
    expect(codeOf(await invite(org, admin, 'x@example.com', 'admin'))).toEqual([
      403,
      'permission_denied',
    ]);
    expect(codeOf(await invite(org, owner, developer.email))).toEqual([409, 'conflict']);
    expect(codeOf(await invite(org, owner, 'not an address'))).toEqual([
      400,
      'invalid_request_error',
    ]);
    for (let count = 0; count < 100; count += 1) {
      await invite(org, owner, `p${count}@example.com`);
    }
    expect(codeOf(await invite(org, owner, 'one-more@example.com'))).toEqual([409, 'conflict']);
    expect(await invite(org, owner, 'p7@example.com')).toMatchObject({ status: 201 });
  });

  test('cannot be accepted by a key', async () => {
    const key = await platform.createKey(stranger);
    await invite(org, owner, stranger.email);
    const answer = await accept({ ...stranger, token: key }, await tokenFor(stranger.email));
    expect(codeOf(answer)).toEqual([403, 'permission_denied']);
  });
});

describe('ownership', () => {
  test('goes to another member, and the owner before becomes an admin', async () => {
    const { status, body } = await transfer(org, owner.token, developer.userId);
    expect([status, body.role]).toEqual([200, 'admin']);
    expect(await rolesOf(org)).toEqual({
      [owner.userId]: 'admin',
      [admin.userId]: 'admin',
      [developer.userId]: 'owner',
    });
    expect(await deeds('organization.transfer')).toMatchObject([
      { actorId: owner.userId, details: { newOwnerId: developer.userId } },
    ]);
  });

  test('is not to be had by others, not for strangers, and stays with a personal organization', async () => {
    expect(codeOf(await transfer(org, admin.token, admin.userId))).toEqual([
      403,
      'permission_denied',
    ]);
    expect(codeOf(await transfer(org, owner.token, stranger.userId))).toEqual([404, 'not_found']);
    expect(codeOf(await transfer(owner.organizationId, owner.token, admin.userId))).toEqual([
      409,
      'conflict',
    ]);
  });

  test('is always one person’s, under two hundred transfers, removals and leavings at once', async () => {
    const people = [owner, admin, developer];
    const attempts = Array.from({ length: 200 }, (_, index) => {
      const [by, to] = [people[index % 3] ?? owner, people[(index * 7 + 1) % 3] ?? owner];
      switch (index % 4) {
        case 0:
        case 1:
          return () => transfer(org, by.token, to.userId);
        case 2:
          return () => remove(org, by.token, to);
        default:
          return () => remove(org, by.token, by);
      }
    });
    const answers = await Promise.all(attempts.map((attempt) => attempt()));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
    expect(statuses.has(204)).toBe(true);
    const owners = Object.values(await rolesOf(org)).filter((role) => role === 'owner');
    expect(owners).toHaveLength(1);
  });

  test('ends with the organization, and with it what teaches the router by its prompts', async () => {
    const { admin: database } = platform.database;
    const planted = {
      generationId: 'gen_of_the_gone',
      organizationId: org,
      keyId: 'key_1',
      decidedAt: new Date(platform.time.nowMs),
      tier: 'auto',
      policy: 'test',
      rules: {},
      options: [],
      chosen: 'a/m',
      reason: 'best',
      features: Buffer.from('hashed words'),
      conversation: 'a hash',
    } as const;
    const other = { generationId: 'gen_of_others', organizationId: 'org_other' };
    await database.insert(routingDecisions).values([planted, { ...planted, ...other }]);
    await platform.call(`DELETE /v1/organizations/${org}`, { as: owner.token });
    const kept = await database.select().from(routingDecisions);
    expect(
      Object.fromEntries(kept.map((row) => [row.generationId, [row.features, row.conversation]])),
    ).toEqual({
      gen_of_the_gone: [null, null],
      gen_of_others: [Buffer.from('hashed words'), 'a hash'],
    });
  });

  test('leaves votes without their words when the organization is deleted', async () => {
    const { admin: database } = platform.database;
    const said = { comment: 'It knew our plans.', tags: ['plans'] };
    const vote = {
      id: `fb_${org}`,
      generationId: `gen_of_${org}`,
      keyId: 'key_1',
      rating: 1,
    } as const;
    await database
      .insert(feedback)
      .values({ ...vote, organizationId: org, ...said, updatedAt: new Date(platform.time.nowMs) });
    await platform.call(`DELETE /v1/organizations/${org}`, { as: owner.token });
    const kept = await database.select().from(feedback).where(eq(feedback.organizationId, org));
    expect(kept).toMatchObject([{ rating: 1, comment: null, tags: [] }]);
  });

  test('leaves no card with an organization that is deleted', async () => {
    const { admin: database } = platform.database;
    const card = { paymentMethodId: 'pm_1', paymentMethodName: 'visa 4242' };
    await database
      .insert(paymentProfiles)
      .values({ organizationId: org, customerId: `cus_${org}`, ...card });
    await platform.call(`DELETE /v1/organizations/${org}`, { as: owner.token });
    expect(
      await database.select().from(paymentProfiles).where(eq(paymentProfiles.organizationId, org)),
    ).toMatchObject([{ paymentMethodId: null, paymentMethodName: null }]);
  });

  test('ends with the organization: its keys stop, and it is gone for everybody', async () => {
    const key = await platform.createKey(admin, org);
    const gone = (as: string) => platform.call(`DELETE /v1/organizations/${org}`, { as });
    expect(await gone(admin.token)).toMatchObject({ status: 403 });
    expect(await gone(owner.token)).toMatchObject({ status: 204 });
    expect(await deeds('organization.delete')).toMatchObject([{ actorId: owner.userId }]);
    for (const as of [owner.token, admin.token])
      expect(await gone(as)).toMatchObject({ status: 404 });
    expect(codeOf(await platform.call('GET /v1/organizations', { as: key }))).toEqual([
      401,
      'key_revoked',
    ]);
    const personal = await platform.call(`DELETE /v1/organizations/${owner.organizationId}`, {
      as: owner.token,
    });
    expect(codeOf(personal)).toEqual([409, 'conflict']);
  });
});

describe('the record', () => {
  test('is read by admins, the newest first, page by page', async () => {
    await change(owner.token, developer, 'admin');
    const page = (query: string) =>
      platform.call(`GET /v1/organizations/${org}/audit-log?${query}`, { as: admin.token });
    const first = await page('limit=2');
    expect(first.body.has_more).toBe(true);
    const rest = await page(`limit=100&after=${first.body.next_cursor}`);
    const all = [...first.body.data, ...rest.body.data];
    expect(all).toHaveLength(6);
    expect(all).toContainEqual({
      id: expect.stringMatching(/^aud_/),
      action: 'member.change-role',
      subject: developer.userId,
      actor: { kind: 'user', id: owner.userId },
      address: '203.0.113.7',
      details: { from: 'developer', to: 'admin' },
      created_at: expect.any(String),
    });
  });

  test('is refused to developers', async () => {
    const answer = await platform.call(`GET /v1/organizations/${org}/audit-log`, {
      as: developer.token,
    });
    expect(codeOf(answer)).toEqual([403, 'permission_denied']);
  });
});
