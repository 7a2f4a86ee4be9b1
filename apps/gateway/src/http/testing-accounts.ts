import { asc } from 'drizzle-orm';
import { expect } from 'vitest';
import { outboxMails } from '../platform/db/index.ts';
import type { Mail } from '../platform/mail/index.ts';
import type { TestPlatform } from './testing.ts';

export const PASSWORD = 'four random words here';

/** What waits to be sent to this address, the oldest first. */
export async function mailsTo(platform: TestPlatform, email: string): Promise<Mail[]> {
  const rows = await platform.database.admin
    .select()
    .from(outboxMails)
    .orderBy(asc(outboxMails.id));
  return rows
    .map(({ id, mail }) => JSON.parse(platform.ctx.vault.open(`mail:${id}`, mail).reveal()) as Mail)
    .filter(({ to }) => to === email);
}

/** The token of the newest mail with this template. */
export async function tokenFor(
  platform: TestPlatform,
  email: string,
  template: 'verify-email' | 'reset-password',
): Promise<string> {
  const mails = await mailsTo(platform, email);
  const content = mails.map((mail) => mail.content).findLast((each) => each.template === template);
  if (content === undefined || !('token' in content)) throw new Error(`no ${template} to ${email}`);
  return content.token;
}

export interface TestAccount {
  readonly email: string;
  readonly userId: string;
  readonly organizationId: string;
  /** Of the newest session. */
  token: string;
  refreshToken: string;
}

/** Registered, confirmed and signed in, all over HTTP. */
export async function openAccount(platform: TestPlatform, name: string): Promise<TestAccount> {
  const email = `${name}@example.com`;
  const body = { email, password: PASSWORD, full_name: name };
  expect((await platform.call('POST /v1/auth/register', { body })).status).toBe(201);
  const token = await tokenFor(platform, email, 'verify-email');
  expect((await platform.call('POST /v1/auth/verify-email', { body: { token } })).status).toBe(204);
  const { body: session } = await signIn(platform, email);
  return {
    email,
    userId: session.user.user_id,
    organizationId: session.user.organizations[0].org_id,
    token: session.access_token,
    refreshToken: session.refresh_token,
  };
}

export const signIn = (platform: TestPlatform, email: string, more: object = {}) =>
  platform.call('POST /v1/auth/login', { body: { email, password: PASSWORD, ...more } });
