import { hash, verify } from '@node-rs/argon2';
import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAccountServices, login as startSession } from '../../customers/accounts/index.ts';
import { createPasswords } from '../../customers/accounts/passwords/passwords.ts';
import { auditLog, sessions, sessionTokens, users } from '../../platform/db/index.ts';
import { mailsTo, openAccount, PASSWORD, signIn, tokenFor } from '../testing-accounts.ts';
import { createTestPlatform, type TestPlatform } from '../testing.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await createTestPlatform();
});
afterAll(() => platform.close());
// Limits of before are over.
beforeEach(() => {
  platform.time.nowMs += 3_600_000;
});

const MINUTE_MS = 60_000;
const post = (path: string, body: object, as?: string, headers = {}) =>
  platform.call(`POST /v1/auth/${path}`, { body, as, headers });
const register = (email: string, more = {}, headers = {}) =>
  post('register', { email, password: PASSWORD, ...more }, undefined, headers);
const me = (as: string) => platform.call('GET /v1/auth/me', { as });
const refresh = (token: string) => post('refresh', { refresh_token: token });
const userOf = async (email: string) => {
  const [user] = await platform.database.admin.select().from(users).where(eq(users.email, email));
  return user;
};
const deedsOf = async (subject: string) => {
  const deeds = await platform.database.admin
    .select()
    .from(auditLog)
    .where(eq(auditLog.subject, subject))
    .orderBy(desc(auditLog.id));
  return deeds.map(({ action, address, details }) => ({ action, address, details }));
};

describe('registering', () => {
  test('makes an account with an organization, which serves once its address is confirmed', async () => {
    const registered = await register('Ada@Example.com', { full_name: 'Ada' });
    expect(registered).toMatchObject({
      status: 201,
      body: { object: 'registration', email: 'ada@example.com', status: 'awaiting_verification' },
    });
    expect(await signIn(platform, 'ada@example.com')).toMatchObject({
      status: 403,
      body: { error: { code: 'permission_denied' } },
    });
    const token = await tokenFor(platform, 'ada@example.com', 'verify-email');
    expect((await post('verify-email', { token })).status).toBe(204);
    const { status, body } = await signIn(platform, 'ada@example.com');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token_type: 'bearer',
      expires_in: 900,
      user: {
        email: 'ada@example.com',
        email_verified: true,
        full_name: 'Ada',
        locale: 'en',
        two_factor_enabled: false,
        organizations: [{ name: 'Personal', kind: 'personal', role: 'owner' }],
      },
    });
    expect((await me(body.access_token)).body).toEqual(body.user);
    expect(await deedsOf(body.user.user_id)).toEqual(
      ['account.verify-email', 'account.create'].map((action) => ({
        action,
        address: '203.0.113.7',
        details: {},
      })),
    );
  });

  test('keeps only a hash of the password, by argon2id with its parameters', async () => {
    await register('hash@example.com');
    const hash = (await userOf('hash@example.com'))?.passwordHash;
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('writes in the language of the browser', async () => {
    await register('ja@example.com', {}, { 'accept-language': 'fr-FR, ja;q=0.9, en;q=0.8' });
    expect(await mailsTo(platform, 'ja@example.com')).toMatchObject([{ locale: 'ja' }]);
  });

  test('is answered alike when the address has an account; then only the mail says so', async () => {
    const { email } = await openAccount(platform, 'taken');
    const before = await userOf(email);
    const fresh = await register('fresh@example.com');
    const again = await register(email, { password: 'another password entirely' });
    expect([again.status, { ...again.body, email: '' }]).toEqual([
      fresh.status,
      { ...fresh.body, email: '' },
    ]);
    expect((await mailsTo(platform, email)).at(-1)?.content).toEqual({
      template: 'account-exists',
    });
    expect(await userOf(email)).toEqual(before);
  });

  test('again before the confirmation replaces the password: nobody can prepare an account for another', async () => {
    await register('victim@example.com', { password: 'the attacker’s password' });
    const old = await tokenFor(platform, 'victim@example.com', 'verify-email');
    await register('victim@example.com');
    expect((await post('verify-email', { token: old })).status).toBe(401);
    const token = await tokenFor(platform, 'victim@example.com', 'verify-email');
    await post('verify-email', { token });
    const attempt = await signIn(platform, 'victim@example.com', {
      password: 'the attacker’s password',
    });
    expect(attempt.status).toBe(401);
    expect((await signIn(platform, 'victim@example.com')).status).toBe(200);
  });

  test('of one address many times at once makes one account', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => register('one@example.com')));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    const found = await platform.database.admin
      .select()
      .from(users)
      .where(eq(users.email, 'one@example.com'));
    expect(found).toHaveLength(1);
  });

  test.each([
    ['short', 'elevenchars'],
    ['common', 'Password123456!'],
    ['one character over and over', 'q'.repeat(12)],
    ['common, typed in full width', 'qwertyuiopasdf'],
    ['the address', 'weak@example.com'],
  ])('refuses a password that is %s, naming the field', async (_why, password) => {
    expect(await register('weak@example.com', { password })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request_error', param: 'password' } },
    });
  });

  test('refuses an unknown field with a hint', async () => {
    const { body } = await register('hint@example.com', { fullname: 'x' });
    expect(body.error.message).toContain('"full_name"');
  });

  test('is limited, so that nobody is flooded with mails', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      statuses.push((await register('flood@example.com')).status);
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
    expect(await mailsTo(platform, 'flood@example.com')).toHaveLength(5);
  });
});

describe('a link that confirms an address', () => {
  test('serves once', async () => {
    await register('once@example.com');
    const token = await tokenFor(platform, 'once@example.com', 'verify-email');
    const answers = await Promise.all([1, 2, 3].map(() => post('verify-email', { token })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 401, 401]);
  });

  test('ends after a day', async () => {
    await register('late@example.com');
    const token = await tokenFor(platform, 'late@example.com', 'verify-email');
    platform.time.nowMs += 24 * 60 * MINUTE_MS;
    expect(await post('verify-email', { token })).toMatchObject({
      status: 401,
      body: { error: { code: 'token_expired' } },
    });
  });

  test('sets no password', async () => {
    await register('mixed@example.com');
    const token = await tokenFor(platform, 'mixed@example.com', 'verify-email');
    const answer = await post('reset-password', { token, new_password: 'another password here' });
    expect(answer.status).toBe(401);
  });
});

describe('signing in', () => {
  test('answers a wrong password and an unknown address alike', async () => {
    const { email } = await openAccount(platform, 'alike');
    const wrong = await signIn(platform, email, { password: 'a wrong password' });
    const unknown = await signIn(platform, 'nobody@example.com');
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'invalid_credentials' } } });
    expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body]);
  });

  test('begins no session once the password was changed, also while it was checked', async () => {
    const { email, userId } = await openAccount(platform, 'meanwhile');
    const { guard } = createAccountServices(platform.ctx.clock);
    const passwords = createPasswords({
      hash,
      verify: async (stored, password) => {
        const isRight = await verify(stored, password);
        await platform.database.admin
          .update(users)
          .set({ passwordHash: await hash('changed meanwhile') })
          .where(eq(users.id, userId));
        return isRight;
      },
    });
    const anonymous = { ...platform.ctx, actor: { kind: 'anonymous' as const } };
    const input = { email, password: PASSWORD, userAgent: undefined };
    const attempt = startSession(anonymous, { guard, passwords }, input);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_credentials' });
  });

  test('renews a hash of an earlier version', async () => {
    const { email } = await openAccount(platform, 'outdated');
    const passwordHash = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await platform.database.admin.update(users).set({ passwordHash }).where(eq(users.email, email));
    expect((await signIn(platform, email)).status).toBe(200);
    expect((await userOf(email))?.passwordHash).toContain('m=19456,t=2,p=1');
    expect((await signIn(platform, email)).status).toBe(200);
  });

  test('stores hashes of the tokens only, and records where from', async () => {
    const { body } = await signIn(platform, 'alike@example.com');
    const stored = await platform.database.admin.select().from(sessionTokens);
    expect(JSON.stringify(stored)).not.toContain(body.access_token);
    const { body: list } = await platform.call('GET /v1/auth/sessions', { as: body.access_token });
    const current = list.data.find((each: { is_current: boolean }) => each.is_current);
    expect(current).toMatchObject({ address: '203.0.113.7', user_agent: null });
    expect(await deedsOf(current.session_id)).toMatchObject([
      { action: 'session.start', address: '203.0.113.7' },
    ]);
  });

  test('is limited by account, also for the right password, known or not', async () => {
    const { email } = await openAccount(platform, 'guessed');
    for (const address of [email, 'unknown-guessed@example.com']) {
      for (let count = 0; count < 10; count += 1) {
        expect((await signIn(platform, address, { password: 'wrong' })).status).toBe(401);
      }
      const refused = await signIn(platform, address);
      expect(refused).toMatchObject({
        status: 429,
        body: { error: { code: 'rate_limit_exceeded', limit_source: 'account' } },
      });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    platform.time.nowMs += 16 * MINUTE_MS;
    expect((await signIn(platform, email)).status).toBe(200);
  });

  test('is limited by address, whatever accounts are tried', async () => {
    for (let count = 0; count < 50; count += 1) {
      await post('verify-email', { token: 'no such token' });
    }
    expect(await signIn(platform, 'alike@example.com')).toMatchObject({
      status: 429,
      body: { error: { limit_source: 'address' } },
    });
  });
});

describe('an access token', () => {
  test('ends after fifteen minutes and is told so', async () => {
    const { token } = await openAccount(platform, 'quarter');
    platform.time.nowMs += 15 * MINUTE_MS;
    expect(await me(token)).toMatchObject({
      status: 401,
      body: { error: { code: 'token_expired' } },
    });
  });

  test('renews nothing', async () => {
    const { token } = await openAccount(platform, 'swapped');
    expect((await refresh(token)).status).toBe(401);
  });
});

describe('a refresh token', () => {
  test('gives new tokens, and is no access token itself', async () => {
    const { token, refreshToken } = await openAccount(platform, 'renewed');
    const { status, body } = await refresh(refreshToken);
    expect(status).toBe(200);
    expect(body.refresh_token).not.toBe(refreshToken);
    expect((await me(body.access_token)).status).toBe(200);
    expect((await me(token)).status).toBe(200);
    expect((await me(body.refresh_token)).status).toBe(401);
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });

  test('that comes again ends the whole session, for both who have it', async () => {
    const account = await openAccount(platform, 'copied');
    const other = await signIn(platform, account.email);
    const renewed = await refresh(account.refreshToken);
    const again = await refresh(account.refreshToken);
    expect(again).toMatchObject({ status: 401, body: { error: { code: 'token_expired' } } });
    expect((await me(account.token)).status).toBe(401);
    expect((await me(renewed.body.access_token)).status).toBe(401);
    expect((await refresh(renewed.body.refresh_token)).status).toBe(401);
    expect((await me(other.body.access_token)).status).toBe(200);
    const [session] = await platform.database.admin
      .select()
      .from(sessions)
      .where(eq(sessions.endReason, 'token-reused'));
    expect(session?.userId).toBe(account.userId);
    expect(await deedsOf(session?.id ?? '')).toMatchObject([
      { action: 'session.end', details: { reason: 'token-reused' } },
      { action: 'session.start' },
    ]);
  });

  test('that comes twice at once serves once', async () => {
    const { refreshToken } = await openAccount(platform, 'raced');
    const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
  });

  test('ends thirty days after the sign-in, however often it was renewed', async () => {
    const account = await openAccount(platform, 'month');
    let token = account.refreshToken;
    for (let week = 0; week < 4; week += 1) {
      platform.time.nowMs += 7 * 24 * 60 * MINUTE_MS;
      token = (await refresh(token)).body.refresh_token;
    }
    platform.time.nowMs += 2 * 24 * 60 * MINUTE_MS;
    expect((await refresh(token)).status).toBe(401);
  });
});

describe('signing out', () => {
  test('ends the session at once, and answers an unknown token alike', async () => {
    const { token, refreshToken } = await openAccount(platform, 'leaver');
    expect((await post('logout', { refresh_token: refreshToken })).status).toBe(204);
    expect((await me(token)).status).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await post('logout', { refresh_token: 'unknown' })).status).toBe(204);
  });
});

describe('sessions', () => {
  test('are listed, the newest first, and ended one by one', async () => {
    const account = await openAccount(platform, 'many');
    platform.time.nowMs += 1;
    const second = (await signIn(platform, account.email)).body;
    const list = () => platform.call('GET /v1/auth/sessions?limit=1', { as: second.access_token });
    const { body: first } = await list();
    expect(first).toMatchObject({ has_more: true, data: [{ is_current: true }] });
    const { body: rest } = await platform.call(`GET /v1/auth/sessions?after=${first.next_cursor}`, {
      as: second.access_token,
    });
    expect(rest).toMatchObject({ has_more: false, data: [{ is_current: false }] });
    const id: string = rest.data[0].session_id;
    const end = () => platform.call(`DELETE /v1/auth/sessions/${id}`, { as: second.access_token });
    expect((await end()).status).toBe(204);
    expect((await me(account.token)).status).toBe(401);
    expect((await me(second.access_token)).status).toBe(200);
    expect((await list()).body.has_more).toBe(false);
  });

  test('of others are not found, and not ended', async () => {
    const ada = await openAccount(platform, 'session-ada');
    const eve = await openAccount(platform, 'session-eve');
    const { body } = await platform.call('GET /v1/auth/sessions', { as: ada.token });
    const end = await platform.call(`DELETE /v1/auth/sessions/${body.data[0].session_id}`, {
      as: eve.token,
    });
    const none = await platform.call('DELETE /v1/auth/sessions/ses_none', { as: eve.token });
    expect([end.status, end.body]).toEqual([404, none.body]);
    expect((await me(ada.token)).status).toBe(200);
    const seen = await platform.call('GET /v1/auth/sessions', { as: eve.token });
    expect(seen.body.data).toHaveLength(1);
  });

  test('are no matter of keys', async () => {
    const person = await platform.signUp('session-key');
    const key = await platform.createKey(person);
    expect((await platform.call('GET /v1/auth/sessions', { as: key })).status).toBe(403);
  });
});

describe('a forgotten password', () => {
  const NEW = 'a new set of words';

  test('is replaced by the link of a mail, which ends all sessions and is told to the person', async () => {
    const { email, token: access, refreshToken } = await openAccount(platform, 'forgetful');
    expect((await post('forgot-password', { email })).status).toBe(204);
    const token = await tokenFor(platform, email, 'reset-password');
    expect((await post('reset-password', { token, new_password: NEW })).status).toBe(204);
    expect((await me(access)).status).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await signIn(platform, email)).status).toBe(401);
    expect((await signIn(platform, email, { password: NEW })).status).toBe(200);
    expect((await mailsTo(platform, email)).at(-1)?.content).toEqual({
      template: 'password-changed',
    });
    expect((await post('reset-password', { token, new_password: PASSWORD })).status).toBe(401);
  });

  test('is answered alike for an unknown address, to which no mail goes', async () => {
    const known = await post('forgot-password', { email: 'forgetful@example.com' });
    const unknown = await post('forgot-password', { email: 'unknown@example.com' });
    expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
    expect(await mailsTo(platform, 'unknown@example.com')).toEqual([]);
  });

  test('has a link for half an hour, and only the newest', async () => {
    const email = 'forgetful@example.com';
    await post('forgot-password', { email });
    const old = await tokenFor(platform, email, 'reset-password');
    await post('forgot-password', { email });
    const token = await tokenFor(platform, email, 'reset-password');
    expect((await post('reset-password', { token: old, new_password: NEW })).status).toBe(401);
    platform.time.nowMs += 30 * MINUTE_MS;
    expect((await post('reset-password', { token, new_password: NEW })).status).toBe(401);
  });

  test('of an account that was never confirmed confirms it: who has the link has the mailbox', async () => {
    await register('unsure@example.com');
    await post('forgot-password', { email: 'unsure@example.com' });
    const token = await tokenFor(platform, 'unsure@example.com', 'reset-password');
    await post('reset-password', { token, new_password: NEW });
    expect((await signIn(platform, 'unsure@example.com', { password: NEW })).status).toBe(200);
  });

  test('must not become a common one', async () => {
    await post('forgot-password', { email: 'unsure@example.com' });
    const token = await tokenFor(platform, 'unsure@example.com', 'reset-password');
    const answer = await post('reset-password', { token, new_password: 'iloveyouforever' });
    expect(answer).toMatchObject({ status: 400, body: { error: { param: 'new_password' } } });
  });
});
