import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createKeyVerifier } from '../../customers/keys/index.ts';
import { createRateLimiter } from '../../platform/limits/index.ts';
import { createCors } from '../cors.ts';
import { createHttpServer } from '../server.ts';
import { openAccount, PASSWORD, type TestAccount } from '../testing-accounts.ts';
import { createTestPlatform, type TestAnswer, type TestPlatform } from '../testing.ts';
import { chatCompletions } from './chat-completions.ts';

let platform: TestPlatform;
let ada: TestAccount;
beforeAll(async () => {
  platform = await createTestPlatform();
  ada = await openAccount(platform, 'ada');
});
afterAll(() => platform.close());
// Limits of before are over.
beforeEach(() => {
  platform.time.nowMs += 3_600_000;
});

const CSRF = { 'x-sealgate-csrf': '1' };
type Headers = Readonly<Record<string, string>>;

const post = (path: string, body: object, headers: Headers = CSRF) =>
  platform.call(`POST /v1/auth/${path}`, { body: { session: 'cookie', ...body }, headers });
const signIn = (headers: Headers = CSRF) =>
  post('login', { email: ada.email, password: PASSWORD }, headers);
/** What a browser sends after this answer. */
const cookieOf = ({ headers }: TestAnswer): string =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
const rename = (cookie: string, headers: Headers = CSRF) =>
  platform.call('PATCH /v1/auth/me', {
    body: { full_name: 'Ada L.' },
    headers: { cookie, ...headers },
  });
const isDenied = (sentence: RegExp) => ({
  status: 403,
  body: {
    error: { code: 'permission_denied', message: expect.stringMatching(sentence) },
  },
});

const flagsOf = ({ headers }: TestAnswer): string[] =>
  headers.getSetCookie().map((cookie) => cookie.replace(/=[\w-]{43};/, '=TOKEN;'));

describe('a session in cookies', () => {
  test('has both tokens in cookies that no script, no other site and no plain connection gets, and none in the body', async () => {
    const answer = await signIn();
    expect(answer).toMatchObject({ status: 200, body: { user: { email: ada.email } } });
    const { user: _, ...session } = answer.body;
    expect(session).toEqual({ token_type: 'cookie', expires_in: 900 });
    expect(flagsOf(answer)).toEqual([
      '__Host-sealgate=TOKEN; Max-Age=900; Path=/; HttpOnly; Secure; SameSite=Strict',
      '__Secure-sealgate-refresh=TOKEN; Max-Age=2592000; Path=/v1/auth; HttpOnly; Secure; SameSite=Strict',
    ]);
  });

  test('serves wherever a person may call, and its answers are kept by no cache', async () => {
    const cookie = cookieOf(await signIn());
    const read = await platform.call('GET /v1/auth/me', { headers: { cookie } });
    expect(read).toMatchObject({ status: 200, body: { user_id: ada.userId } });
    expect(read.headers.get('cache-control')).toBe('no-store');
    expect((await rename(cookie)).status).toBe(200);
    const conversation = { body: {}, headers: { cookie, ...CSRF } };
    expect((await platform.call('POST /v1/conversations', conversation)).status).toBe(201);
  });

  test.each(['https://gate.example', 'https://localhost', 'https://app.example'])(
    'serves a page of %s: the server’s own or one that is configured',
    async (origin) => {
      const cookie = cookieOf(await signIn({ ...CSRF, origin }));
      const headers = { ...CSRF, origin, 'sec-fetch-site': 'same-origin' };
      expect((await rename(cookie, headers)).status).toBe(200);
    },
  );

  test('is renewed by its cookie, once, for what is left of it', async () => {
    const first = cookieOf(await signIn());
    platform.time.nowMs += 60_000;
    const renewed = await post('refresh', {}, { ...CSRF, cookie: first });
    expect(renewed.body).toEqual({ token_type: 'cookie', expires_in: 900 });
    expect(flagsOf(renewed)[1]).toContain('Max-Age=2591940; Path=/v1/auth;');
    expect((await rename(cookieOf(renewed))).status).toBe(200);
    expect((await post('refresh', {}, { ...CSRF, cookie: first })).status).toBe(401);
  });

  test('ends with the sign-out, which clears both cookies', async () => {
    const cookie = cookieOf(await signIn());
    const left = await post('logout', {}, { ...CSRF, cookie });
    expect(left.status).toBe(204);
    expect(flagsOf(left)).toEqual([
      '__Host-sealgate=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict',
      '__Secure-sealgate-refresh=; Max-Age=0; Path=/v1/auth; HttpOnly; Secure; SameSite=Strict',
    ]);
    expect((await rename(cookie)).status).toBe(401);
  });

  test('yields to a bearer token, also to one that is wrong', async () => {
    const cookie = cookieOf(await signIn());
    const me = (authorization: string) =>
      platform.call('GET /v1/auth/me', { headers: { cookie, authorization } });
    const eve = await platform.signUp('eve');
    expect((await me(`Bearer ${eve.token}`)).body.user_id).toBe(eve.userId);
    expect((await me('Bearer wrong')).status).toBe(401);
  });

  test('is not begun unless it is asked for', async () => {
    const body = { email: ada.email, password: PASSWORD };
    const answer = await platform.call('POST /v1/auth/login', { body });
    expect(answer.headers.getSetCookie()).toEqual([]);
    const renewed = await platform.call('POST /v1/auth/refresh', {
      body: { refresh_token: answer.body.refresh_token },
    });
    expect(renewed.headers.getSetCookie()).toEqual([]);
    expect(renewed.body).toMatchObject({ token_type: 'bearer' });
  });
});

describe('refuses', () => {
  const FORGED: readonly (readonly [string, Headers, RegExp])[] = [
    ['without the header', {}, /X-Sealgate-CSRF: 1/],
    ['with another value of it', { 'x-sealgate-csrf': '0' }, /X-Sealgate-CSRF: 1/],
    ['from another origin', { ...CSRF, origin: 'https://evil.example' }, /another site/],
    ['from a sibling host', { ...CSRF, origin: 'https://a.gate.example' }, /another site/],
    ['from its own host without https', { ...CSRF, origin: 'http://gate.example' }, /another site/],
    ['from a page without an origin', { ...CSRF, origin: 'null' }, /another site/],
    ['from another site', { ...CSRF, 'sec-fetch-site': 'cross-site' }, /another site/],
  ];

  test.each(FORGED)('a change %s', async (_case, headers, sentence) => {
    const cookie = cookieOf(await signIn());
    expect(await rename(cookie, headers)).toMatchObject(isDenied(sentence));
  });

  test.each(FORGED)('to begin, renew or end a session %s', async (_case, headers, sentence) => {
    const cookie = cookieOf(await signIn());
    const forged = [
      await signIn(headers),
      await post('refresh', {}, { ...headers, cookie }),
      await post('logout', {}, { ...headers, cookie }),
    ];
    for (const answer of forged) {
      expect(answer).toMatchObject(isDenied(sentence));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect((await rename(cookie)).status).toBe(200);
  });

  test('even to read for another site', async () => {
    const headers = { cookie: cookieOf(await signIn()), 'sec-fetch-site': 'cross-site' };
    expect(await platform.call('GET /v1/auth/me', { headers })).toMatchObject(
      isDenied(/another site/),
    );
  });

  test('an API key or a made-up token in the cookie', async () => {
    const key = await platform.createKey(ada);
    for (const value of [key, 'wrong', '']) {
      expect((await rename(`__Host-sealgate=${value}`)).status, value).toBe(401);
    }
  });

  test('a renewal without any token', async () => {
    expect((await post('refresh', {})).status).toBe(401);
    expect(await post('refresh', { session: 'token' })).toMatchObject({
      status: 400,
      body: { error: { param: 'refresh_token' } },
    });
  });
});

describe('without https', () => {
  const reachedAt = (publicUrl: string) =>
    createTestPlatform({ site: { publicUrl, trustedOrigins: [] } });
  const begin = (other: TestPlatform, email: string, at = '') =>
    other.call(`POST ${at}/v1/auth/login`, {
      body: { email, password: PASSWORD, session: 'cookie' },
      headers: CSRF,
    });

  test('cookies serve on a loopback address alone, under other names', async () => {
    const local = await reachedAt('http://localhost:8787/gate/');
    const { email } = await openAccount(local, 'ada');
    const answer = await begin(local, email);
    expect(flagsOf(answer)).toEqual([
      'sealgate=TOKEN; Max-Age=900; Path=/; HttpOnly; SameSite=Strict',
      'sealgate-refresh=TOKEN; Max-Age=2592000; Path=/gate/v1/auth; HttpOnly; SameSite=Strict',
    ]);
    const headers = { cookie: cookieOf(answer) };
    expect((await local.call('GET /v1/auth/me', { headers })).status).toBe(200);
    const lan = 'http://192.0.2.1:8787';
    expect(await begin(local, email, lan)).toMatchObject(isDenied(/need https/));
    expect((await local.call(`GET ${lan}/v1/auth/me`, { headers })).status).toBe(401);
    await local.close();
  });

  test('cookies do not serve at a public address', async () => {
    const open = await reachedAt('http://gate.example');
    expect(await begin(open, 'ada@example.com')).toMatchObject(isDenied(/need https/));
    await open.close();
  });
});

describe('other origins', () => {
  test('never get leave to use cookies, nor to send the header that goes with them', () => {
    for (const cors of [createCors(['*']), createCors(['https://app.example'])]) {
      const { 'access-control-allow-headers': headers, ...others } =
        cors.preflightFor('https://app.example');
      expect(headers?.toLowerCase()).not.toContain('x-sealgate-csrf');
      expect(Object.keys(others)).toContain('access-control-allow-origin');
      expect(Object.keys(others)).not.toContain('access-control-allow-credentials');
    }
  });
});

describe('a billable route', () => {
  test('takes a key in the header only: neither a session nor a working key in a cookie', async () => {
    const { database, time, ctx } = platform;
    const { vault } = ctx;
    const clock = () => time.nowMs;
    const limiter = () => createRateLimiter({ clock, windowMs: 60_000 });
    const keys = createKeyVerifier({ database, vault, clock, rateLimitRpm: 60 });
    const gate = { keys, requests: limiter(), failures: limiter() };
    const server = createHttpServer({
      fetch: () => new Response(),
      surroundings: {
        callerAddress: () => '127.0.0.1',
        corsHeaders: () => ({}),
        now: clock,
        onRequestEnd: () => {},
      },
      // Nothing here gets as far as a model.
      rawRoutes: { '/v1/chat/completions': chatCompletions(gate, {} as never) },
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const chat = async (headers: Headers): Promise<number> => {
      const url = `http://127.0.0.1:${port}/v1/chat/completions`;
      const answer = await fetch(url, { method: 'POST', headers, body: '{' });
      await answer.arrayBuffer();
      return answer.status;
    };
    const key = await platform.createKey(ada);
    expect(await chat({ authorization: `Bearer ${key}` })).toBe(400);
    for (const cookie of [cookieOf(await signIn()), `__Host-sealgate=${key}; sealgate=${key}`]) {
      expect(await chat({ ...CSRF, cookie })).toBe(401);
    }
    server.close();
    await keys.close();
  });
});
