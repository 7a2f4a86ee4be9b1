import { z } from 'zod';
import { Account, fullName, newPassword, password } from './accounts.ts';
import { BODY_REFUSALS, endpoint, SESSION_REFUSALS } from './endpoint.ts';
import type { RefusalCode } from './refusals.ts';
import { email, id, listOf, PageQuery, time } from './values.ts';

const token = () => z.string().max(200);

/** How a session is carried. */
const session = () =>
  z
    .enum(['token', 'cookie'])
    .default('token')
    .describe(
      '`cookie`, for pages of this server: the tokens are in cookies instead of the body. Needs the header `X-Sealgate-CSRF: 1`.',
    );

/** What can go wrong for somebody who has not signed in. */
const STRANGER_REFUSALS = [
  ...BODY_REFUSALS,
  'rate_limit_exceeded',
  'service_unavailable',
  'internal',
] as const satisfies readonly RefusalCode[];

export const NewAccount = z.strictObject({
  email: email(),
  password: newPassword(),
  full_name: fullName().optional(),
});

export type NewAccount = z.output<typeof NewAccount>;

export const Registration = z.object({
  object: z.literal('registration'),
  email: z.string(),
  status: z.literal('awaiting_verification'),
});

export type Registration = z.output<typeof Registration>;

export const TokenProof = z.strictObject({ token: token().describe('From the link in the mail.') });

export type TokenProof = z.output<typeof TokenProof>;

export const SignIn = z.strictObject({
  email: email(),
  password: password(),
  totp_code: z.string().max(20).optional().describe('Six digits, with a second factor.'),
  recovery_code: z.string().max(60).optional().describe('Instead of `totp_code`; serves once.'),
  session: session(),
});

export type SignIn = z.output<typeof SignIn>;

const tokens = {
  access_token: z.string().describe('For "Authorization: Bearer …".'),
  refresh_token: z.string().describe('Serves once: each renewal gives a new one.'),
  token_type: z.literal('bearer'),
  expires_in: z.int().describe('Seconds until the access token ends.'),
};

export const SessionTokens = z.object(tokens);

export type SessionTokens = z.output<typeof SessionTokens>;

export const SignedIn = z.object({ ...tokens, user: Account });

export type SignedIn = z.output<typeof SignedIn>;

export const CookieSession = z.object({
  token_type: z.literal('cookie'),
  expires_in: z.int().describe('Seconds until the access token ends.'),
});

export type CookieSession = z.output<typeof CookieSession>;

export const SignedInByCookie = z.object({ ...CookieSession.shape, user: Account });

export type SignedInByCookie = z.output<typeof SignedInByCookie>;

export const StartedSession = z.union([SignedIn, SignedInByCookie]);

export const RenewedSession = z.union([SessionTokens, CookieSession]);

export const RefreshProof = z.strictObject({
  refresh_token: token().optional().describe('Needed unless it is in a cookie.'),
  session: session(),
});

export type RefreshProof = z.output<typeof RefreshProof>;

export const ForgottenPassword = z.strictObject({ email: email() });

export type ForgottenPassword = z.output<typeof ForgottenPassword>;

export const PasswordReset = z.strictObject({ token: token(), new_password: newPassword() });

export type PasswordReset = z.output<typeof PasswordReset>;

export const Session = z.object({
  session_id: id('ses'),
  created_at: time(),
  last_used_at: time().describe('When its tokens were last renewed.'),
  expires_at: time(),
  address: z.string().nullable().describe('Where the sign-in came from.'),
  user_agent: z.string().nullable(),
  is_current: z.boolean(),
});

export type Session = z.output<typeof Session>;

export const SessionList = listOf(Session);

export type SessionList = z.output<typeof SessionList>;

export const register = endpoint({
  method: 'POST',
  path: '/v1/auth/register',
  tag: 'accounts',
  summary: 'Create an account',
  description:
    'Sends a mail with a link that confirms the address. The answer is the same when the address has an account already: ' +
    'then the mail says so. An account that is never confirmed is deleted after a week.',
  caller: 'anyone',
  request: { body: { 'application/json': NewAccount } },
  answers: {
    201: { description: 'A mail is on its way.', content: { 'application/json': Registration } },
  },
  refusals: STRANGER_REFUSALS,
});

export const verifyEmail = endpoint({
  method: 'POST',
  path: '/v1/auth/verify-email',
  tag: 'accounts',
  summary: 'Confirm an e-mail address',
  caller: 'anyone',
  request: { body: { 'application/json': TokenProof } },
  answers: { 204: { description: 'It is confirmed.', content: {} } },
  refusals: [...STRANGER_REFUSALS, 'token_expired'],
});

export const login = endpoint({
  method: 'POST',
  path: '/v1/auth/login',
  tag: 'accounts',
  summary: 'Sign in',
  description:
    'With a second factor and without a code the answer is 401 `two_factor_required`. An address that is not confirmed yet ' +
    'gets 403.',
  caller: 'anyone',
  request: { body: { 'application/json': SignIn } },
  answers: { 200: { description: 'A session.', content: { 'application/json': StartedSession } } },
  refusals: [
    ...STRANGER_REFUSALS,
    'invalid_credentials',
    'two_factor_required',
    'permission_denied',
  ],
});

export const refreshSession = endpoint({
  method: 'POST',
  path: '/v1/auth/refresh',
  tag: 'accounts',
  summary: 'Renew the tokens of a session',
  description:
    'A refresh token serves once. One that comes a second time was stolen or copied: its whole session ends.',
  caller: 'anyone',
  request: { body: { 'application/json': RefreshProof } },
  answers: { 200: { description: 'New tokens.', content: { 'application/json': RenewedSession } } },
  refusals: [...STRANGER_REFUSALS, 'token_expired', 'permission_denied'],
});

export const logout = endpoint({
  method: 'POST',
  path: '/v1/auth/logout',
  tag: 'accounts',
  summary: 'Sign out',
  description:
    'Ends the session of the refresh token, also when its access token has expired. An unknown token is answered alike.',
  caller: 'anyone',
  request: { body: { 'application/json': RefreshProof } },
  answers: { 204: { description: 'The session is over.', content: {} } },
  refusals: [...STRANGER_REFUSALS, 'permission_denied'],
});

export const forgotPassword = endpoint({
  method: 'POST',
  path: '/v1/auth/forgot-password',
  tag: 'accounts',
  summary: 'Ask for a link that sets a new password',
  description: 'The answer is the same whether or not there is such an account.',
  caller: 'anyone',
  request: { body: { 'application/json': ForgottenPassword } },
  answers: { 204: { description: 'If there is an account, a mail is on its way.', content: {} } },
  refusals: STRANGER_REFUSALS,
});

export const resetPassword = endpoint({
  method: 'POST',
  path: '/v1/auth/reset-password',
  tag: 'accounts',
  summary: 'Set a new password by the link of a mail',
  description: 'The link serves once, for half an hour. All sessions end.',
  caller: 'anyone',
  request: { body: { 'application/json': PasswordReset } },
  answers: { 204: { description: 'The new password is set.', content: {} } },
  refusals: [...STRANGER_REFUSALS, 'token_expired'],
});

export const listSessions = endpoint({
  method: 'GET',
  path: '/v1/auth/sessions',
  tag: 'accounts',
  summary: 'List where one is signed in',
  caller: 'session',
  request: { query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': SessionList } } },
  refusals: [...SESSION_REFUSALS, 'invalid_request_error'],
});

export const endSession = endpoint({
  method: 'DELETE',
  path: '/v1/auth/sessions/{session_id}',
  tag: 'accounts',
  summary: 'End a session',
  caller: 'session',
  request: { params: z.object({ session_id: id('ses') }) },
  answers: { 204: { description: 'It is over.', content: {} } },
  refusals: SESSION_REFUSALS,
});
