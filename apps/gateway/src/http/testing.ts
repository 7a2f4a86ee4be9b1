import {
  createAccountServices,
  createSessionVerifier,
  mintToken,
} from '../customers/accounts/index.ts';
import { testInvoices, testPayments, testPlans } from '../customers/billing/testing.ts';
import { NO_PROVIDERS } from '../customers/provider-keys/testing.ts';
import { createKey, createKeyVerifier, type KeyVerifier } from '../customers/keys/index.ts';
import { nanoUsd } from '@sealgate/contract';
import { insertOrganization, personalFounder } from '../customers/organizations/index.ts';
import type { Context } from '../platform/context.ts';
import { inTenant, sessions, sessionTokens, users, type Database } from '../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../platform/db/testing.ts';
import { createRateLimiter } from '../platform/limits/index.ts';
import { testContext } from '../platform/testing-context.ts';
import { createWebhookSender } from '../platform/webhooks/index.ts';
import { createApp, type AppServices } from './app.ts';
import { createCors } from './cors.ts';
import type { Site } from './platform/session-cookies.ts';
import { EMPTY_CATALOGUE } from '../inference/upstreams/testing.ts';

export interface TestPerson {
  readonly userId: string;
  readonly email: string;
  /** The personal one. */
  readonly organizationId: string;
  /** An access token. */
  readonly token: string;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests say what they expect of it
  readonly body: any;
  /** As they came. */
  readonly bytes: Uint8Array;
}

export interface TestCall {
  /** An access token or an API key. */
  readonly as?: string | undefined;
  readonly body?: unknown;
  /** A body that is not to be printed first. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The real app over a real database. */
export interface TestPlatform {
  readonly database: TestDatabase;
  /** The operator's. */
  readonly ctx: Context;
  /** Set it to let time pass. */
  readonly time: { nowMs: number };
  /** E.g. `call('POST /v1/organizations', { as: ada.token, body: { name: 'Acme' } })`. */
  call(operation: string, call?: TestCall): Promise<TestAnswer>;
  signUp(name: string): Promise<TestPerson>;
  /** Of the person, in their personal organization unless told. */
  createKey(person: TestPerson, organizationId?: string): Promise<string>;
  close(): Promise<void>;
}

const ADDRESS = '203.0.113.7';
const SITE: Site = {
  publicUrl: 'https://gate.example',
  trustedOrigins: ['https://app.example'],
};
const SIGNED_IN_MS = 30 * 24 * 3_600_000;

export async function createTestPlatform(
  options: {
    readonly changes?: Partial<AppServices>;
    readonly site?: Site;
    /** What the app sees of the database, e.g. over a wire that can be cut. */
    readonly seenThrough?: (database: TestDatabase) => Promise<Database>;
  } = {},
): Promise<TestPlatform> {
  const database = await createTestDatabase();
  const time = { nowMs: Date.UTC(2026, 0, 2) };
  const clock = (): number => time.nowMs;
  const ctx = testContext(database, { clock });
  const seen = (await options.seenThrough?.(database)) ?? database;
  const keys = createKeyVerifier({
    database: seen,
    vault: ctx.vault,
    clock,
    rateLimitRpm: 60,
  });
  const app = createApp({
    ...appServices({ ...ctx, store: seen.store }, keys, options.site ?? SITE),
    ...options.changes,
  });
  return {
    database,
    ctx,
    time,
    call: (operation, call) => send(app, operation, call),
    signUp: (name) => signUp(ctx, name),
    createKey: async ({ userId, organizationId: own }, organizationId = own) => {
      const actor = { kind: 'user', userId, sessionId: '', organizationId, role: 'owner' } as const;
      const { secret } = await createKey({ ...ctx, actor }, { organizationId, name: 'test' });
      return secret.reveal();
    },
    close: async () => {
      await keys.close();
      if (seen !== database) await seen.close();
      await database.close();
    },
  };
}

function appServices(
  { store, clock, newId, vault }: Context,
  keys: KeyVerifier,
  site: Site,
): AppServices {
  const limiter = () => createRateLimiter({ clock, windowMs: 60_000 });
  return {
    gate: { keys, requests: limiter(), failures: limiter() },
    platform: {
      store,
      clock,
      newId,
      vault,
      sessions: createSessionVerifier({ store, clock }),
      accounts: {
        ...createAccountServices(clock),
        foundOrganization: personalFounder(nanoUsd(0n)),
      },
      site,
    },
    flushUsage: () => Promise.resolve(),
    webhooks: createWebhookSender(),
    payments: testPayments(),
    invoices: testInvoices(),
    mostCache: 'semantic',
    plans: testPlans(),
    providerDirectory: NO_PROVIDERS,
    catalogue: () => EMPTY_CATALOGUE,
    healthOf: () => 'healthy',
    callerAddress: () => ADDRESS,
    cors: createCors([]),
    now: clock,
    onRequestEnd: () => {},
    sealedPublicKey: undefined,
    readiness: () => Promise.resolve({}),
    metricsText: () => Promise.resolve(''),
    metricsToken: undefined,
    openApi: {},
    version: '1.2.3',
  };
}

async function send(
  app: ReturnType<typeof createApp>,
  operation: string,
  { as, body, text: given, headers = {} }: TestCall = {},
): Promise<TestAnswer> {
  const content = given ?? (body === undefined ? undefined : JSON.stringify(body));
  const [method = '', path = ''] = operation.split(' ');
  const answer = await app.request(
    path,
    {
      method,
      headers: {
        ...(as !== undefined && { authorization: `Bearer ${as}` }),
        ...(content !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content !== undefined && { body: content }),
    },
    { incoming: { socket: { remoteAddress: ADDRESS } } },
  );
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const text = Buffer.from(bytes).toString('utf8');
  const isJson = answer.headers.get('content-type')?.startsWith('application/json');
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    body: isJson ? JSON.parse(text) : text,
  };
}

/** A person with a verified address, signed in for thirty days. */
async function signUp(ctx: Context, name: string): Promise<TestPerson> {
  const [userId, organizationId, sessionId] = [
    ctx.newId('user'),
    ctx.newId('organization'),
    ctx.newId('session'),
  ];
  const email = `${name}@example.com`;
  const { token, hash } = mintToken();
  const now = new Date(ctx.clock());
  const expiresAt = new Date(now.getTime() + SIGNED_IN_MS);
  await inTenant(ctx, organizationId, async (transaction) => {
    await insertOrganization(transaction, ctx, {
      id: organizationId,
      name: 'Personal',
      kind: 'personal',
      ownerId: userId,
    });
    await transaction.insert(users).values({
      id: userId,
      email,
      emailVerifiedAt: now,
      fullName: name,
      personalOrganizationId: organizationId,
    });
    await transaction
      .insert(sessions)
      .values({ id: sessionId, userId, lastUsedAt: now, expiresAt });
    await transaction
      .insert(sessionTokens)
      .values({ tokenHash: hash, sessionId, kind: 'access', expiresAt });
  });
  return { userId, email, organizationId, token: token.reveal() };
}
