import { and, desc, eq } from 'drizzle-orm';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createKey } from '../../customers/keys/index.ts';
import { auditLog, recoveryCodes, totpSecrets } from '../../platform/db/index.ts';
import {
  mailsTo,
  openAccount,
  PASSWORD,
  signIn,
  tokenFor,
  type TestAccount,
} from '../testing-accounts.ts';
import { createTestPlatform, type TestPlatform } from '../testing.ts';

let platform: TestPlatform;
let ada: TestAccount;
beforeAll(async () => {
  platform = await createTestPlatform();
});
afterAll(() => platform.close());
let count = 0;
beforeEach(async () => {
  platform.time.nowMs += 3_600_000;
  count += 1;
  ada = await openAccount(platform, `ada-${count}`);
});

type Operation = Parameters<TestPlatform['call']>[0];
const call = (operation: Operation, body?: object, as = ada.token) =>
  platform.call(operation, { as, ...(body && { body }) });
const NEW = 'a new set of words';
const deedOf = async (action: string) => {
  const [deed] = await platform.database.admin
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.subject, ada.userId), eq(auditLog.action, action)))
    .orderBy(desc(auditLog.id));
  return deed;
};

/** What an authenticator app shows. */
const codeOf = (secret: string, laterMs = 0): string =>
  new TOTP({ secret }).generate({ timestamp: platform.time.nowMs + laterMs });

async function enableTwoFactor(): Promise<{ secret: string; codes: string[] }> {
  const { body } = await call('POST /v1/auth/2fa/setup', { password: PASSWORD });
  const verified = await call('POST /v1/auth/2fa/verify', { code: codeOf(body.secret) });
  expect(verified.status).toBe(200);
  return { secret: body.secret, codes: verified.body.recovery_codes };
}

describe('one’s own account', () => {
  test('can be read and changed, with a record of the change', async () => {
    const changed = await call('PATCH /v1/auth/me', { full_name: 'Ada L.', locale: 'de' });
    expect(changed).toMatchObject({ status: 200, body: { full_name: 'Ada L.', locale: 'de' } });
    expect((await call('GET /v1/auth/me')).body).toEqual(changed.body);
    expect(await call('PATCH /v1/auth/me', { full_name: null })).toMatchObject({
      body: { full_name: null, locale: 'de' },
    });
    expect(await deedOf('account.update')).toMatchObject({
      actorKind: 'user',
      actorId: ada.userId,
      address: '203.0.113.7',
    });
  });

  test('can be read and changed by a key of the person', async () => {
    const key = await platform.createKey(ada);
    expect((await call('PATCH /v1/auth/me', { full_name: 'By key' }, key)).status).toBe(200);
    expect((await call('GET /v1/auth/me')).body.full_name).toBe('By key');
    const status = await call('GET /v1/auth/2fa/status', undefined, key);
    expect(status.body).toEqual({ enabled: false, method: 'totp', recovery_codes_left: 0 });
  });

  test('a key that no person made has none, and is told what to do', async () => {
    const { organizationId } = ada;
    const { secret } = await createKey(platform.ctx, { organizationId, name: 'operator' });
    const answer = await call('GET /v1/auth/me', undefined, secret.reveal());
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'permission_denied' } } });
    expect(answer.body.error.message).toContain('sealgate users create');
  });

  test('refuses a language that there is not, and unknown fields', async () => {
    expect((await call('PATCH /v1/auth/me', { locale: 'fr' })).body.error.param).toBe('locale');
    expect((await call('PATCH /v1/auth/me', { email: 'x@y.example' })).status).toBe(400);
  });

  test('is nobody else’s: each sees their own', async () => {
    const eve = await openAccount(platform, `eve-${count}`);
    const { body } = await call('GET /v1/auth/me', undefined, eve.token);
    expect(body).toMatchObject({ user_id: eve.userId, email: eve.email });
    expect(JSON.stringify(body)).not.toContain(ada.organizationId);
  });
});

describe('changing the password', () => {
  const change = (more = {}, as = ada.token) =>
    call(
      'POST /v1/auth/change-password',
      { current_password: PASSWORD, new_password: NEW, ...more },
      as,
    );

  test('ends the other sessions, and tells the person', async () => {
    const other = (await signIn(platform, ada.email)).body;
    expect((await change()).status).toBe(204);
    expect((await call('GET /v1/auth/me')).status).toBe(200);
    expect((await call('GET /v1/auth/me', undefined, other.access_token)).status).toBe(401);
    expect((await signIn(platform, ada.email)).status).toBe(401);
    expect((await signIn(platform, ada.email, { password: NEW })).status).toBe(200);
    expect((await mailsTo(platform, ada.email)).at(-1)?.content.template).toBe('password-changed');
    expect(await deedOf('account.change-password')).toMatchObject({ actorId: ada.userId });
  });

  test('with a key ends all sessions', async () => {
    expect((await change({}, await platform.createKey(ada))).status).toBe(204);
    expect((await call('GET /v1/auth/me')).status).toBe(401);
  });

  test('refuses a wrong one, at the eleventh time without looking', async () => {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect(await change({ current_password: 'wrong' })).toMatchObject({
        status: 401,
        body: { error: { code: 'invalid_credentials', param: 'current_password' } },
      });
    }
    const refused = await change();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).not.toBeNull();
  });

  test('refuses a new one that is guessed first', async () => {
    expect((await change({ new_password: 'Administrator1' })).body.error.param).toBe(
      'new_password',
    );
  });
});

describe('a second factor', () => {
  test('counts from its first code on', async () => {
    const { body } = await call('POST /v1/auth/2fa/setup', { password: PASSWORD });
    expect(body.otpauth_uri).toMatch(/^otpauth:\/\/totp\/Sealgate:ada-\d+%40example.com\?/);
    expect(body.otpauth_uri).toContain(`secret=${body.secret}`);
    const svg = Buffer.from(body.qr_code.split(',')[1], 'base64').toString();
    expect(body.qr_code).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(svg).toMatch(/^<svg/);
    expect((await signIn(platform, ada.email)).status).toBe(200);

    const wrong = await call('POST /v1/auth/2fa/verify', { code: '000000' });
    expect(wrong).toMatchObject({ status: 401, body: { error: { param: 'code' } } });
    const verified = await call('POST /v1/auth/2fa/verify', { code: codeOf(body.secret) });
    expect(new Set(verified.body.recovery_codes).size).toBe(10);
    expect((await call('GET /v1/auth/2fa/status')).body).toEqual({
      enabled: true,
      method: 'totp',
      recovery_codes_left: 10,
    });
    expect((await call('GET /v1/auth/me')).body.two_factor_enabled).toBe(true);
    expect(await deedOf('account.enable-2fa')).toBeDefined();
    expect(await signIn(platform, ada.email)).toMatchObject({
      status: 401,
      body: { error: { code: 'two_factor_required' } },
    });
  });

  test('is asked for only after the right password', async () => {
    await enableTwoFactor();
    const answer = await signIn(platform, ada.email, { password: 'wrong' });
    expect(answer.body.error.code).toBe('invalid_credentials');
  });

  test('takes each code once, also when it comes twice at the same moment', async () => {
    const { secret } = await enableTwoFactor();
    const used = codeOf(secret);
    expect((await signIn(platform, ada.email, { totp_code: used })).status).toBe(401);
    platform.time.nowMs += 30_000;
    const totp_code = codeOf(secret);
    const answers = await Promise.all([1, 2].map(() => signIn(platform, ada.email, { totp_code })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
  });

  test('takes a code of a clock that is half a minute off, and no older one', async () => {
    const { secret } = await enableTwoFactor();
    platform.time.nowMs += 120_000;
    const early = codeOf(secret, -60_000);
    expect((await signIn(platform, ada.email, { totp_code: early })).status).toBe(401);
    const late = codeOf(secret, -30_000);
    expect((await signIn(platform, ada.email, { totp_code: late })).status).toBe(200);
  });

  test('is stored sealed, and its recovery codes as hashes', async () => {
    const { secret, codes } = await enableTwoFactor();
    const rows = JSON.stringify([
      await platform.database.admin.select().from(totpSecrets),
      await platform.database.admin.select().from(recoveryCodes),
    ]);
    for (const text of [secret, ...codes]) {
      expect(rows).not.toContain(JSON.stringify([...Buffer.from(text)]).slice(1, -1));
    }
    expect(rows).toContain('"data":[');
  });

  test('can be passed with a recovery code, once, however it is typed', async () => {
    const { codes } = await enableTwoFactor();
    const recovery_code = ` ${codes[3]?.toUpperCase().replaceAll('-', ' ')} `;
    expect((await signIn(platform, ada.email, { recovery_code })).status).toBe(200);
    expect((await signIn(platform, ada.email, { recovery_code })).status).toBe(401);
    expect((await call('GET /v1/auth/2fa/status')).body.recovery_codes_left).toBe(9);
  });

  test('gets new recovery codes, and the old ones end', async () => {
    const { codes } = await enableTwoFactor();
    const proof = { password: PASSWORD, code: codes[0] };
    const { body } = await call('POST /v1/auth/2fa/recovery-codes', proof);
    expect(body.recovery_codes).toHaveLength(10);
    const old = await signIn(platform, ada.email, { recovery_code: codes[1] });
    expect(old.status).toBe(401);
    const fresh = await signIn(platform, ada.email, { recovery_code: body.recovery_codes[1] });
    expect(fresh.status).toBe(200);
  });

  test('is switched off with password and code only', async () => {
    const { secret } = await enableTwoFactor();
    platform.time.nowMs += 30_000;
    const disable = (proof: object) => call('POST /v1/auth/2fa/disable', proof);
    expect((await disable({ password: 'wrong', code: codeOf(secret) })).status).toBe(401);
    expect((await disable({ password: PASSWORD, code: '000000' })).status).toBe(401);
    expect((await disable({ password: PASSWORD, code: codeOf(secret) })).status).toBe(204);
    expect((await signIn(platform, ada.email)).status).toBe(200);
    expect(await deedOf('account.disable-2fa')).toMatchObject({ actorId: ada.userId });
    expect((await disable({ password: PASSWORD, code: codeOf(secret) })).status).toBe(409);
  });

  test('cannot be replaced while it is on, nor confirmed when it was not begun', async () => {
    expect((await call('POST /v1/auth/2fa/verify', { code: '000000' })).status).toBe(409);
    await enableTwoFactor();
    expect((await call('POST /v1/auth/2fa/setup', { password: PASSWORD })).status).toBe(409);
  });

  test('begins with the password', async () => {
    expect((await call('POST /v1/auth/2fa/setup', { password: 'wrong' })).status).toBe(401);
  });

  test('is not passed by a new password', async () => {
    await enableTwoFactor();
    await platform.call('POST /v1/auth/forgot-password', { body: { email: ada.email } });
    const token = await tokenFor(platform, ada.email, 'reset-password');
    await platform.call('POST /v1/auth/reset-password', { body: { token, new_password: NEW } });
    const answer = await signIn(platform, ada.email, { password: NEW });
    expect(answer.body.error.code).toBe('two_factor_required');
  });

  test('limits guesses', async () => {
    const { secret } = await enableTwoFactor();
    platform.time.nowMs += 30_000;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await signIn(platform, ada.email, { totp_code: '000000' })).status).toBe(401);
    }
    const refused = await signIn(platform, ada.email, { totp_code: codeOf(secret) });
    expect(refused.status).toBe(429);
  });

  test('is set up by people, not by keys', async () => {
    const key = await platform.createKey(ada);
    for (const path of ['setup', 'verify', 'disable', 'recovery-codes'] as const) {
      const body = { password: PASSWORD, code: '000000' };
      expect((await call(`POST /v1/auth/2fa/${path}`, body, key)).status, path).toBe(403);
    }
  });
});
