import type {
  Account as PrintedAccount,
  CookieSession,
  PersonalData as PrintedData,
  Session as PrintedSession,
  SessionTokens,
} from '@sealgate/contract';
import type {
  Account,
  ListedSession,
  PersonalData,
  TokenPair,
} from '../../customers/accounts/index.ts';

export const printAccount = (account: Account): PrintedAccount => ({
  user_id: account.id,
  email: account.email,
  email_verified: account.isEmailVerified,
  full_name: account.fullName,
  locale: account.locale,
  two_factor_enabled: account.hasSecondFactor,
  created_at: account.createdAt.toISOString(),
  organizations: account.organizations.map(({ id, ...seen }) => ({ org_id: id, ...seen })),
});

export const printTokens = (tokens: TokenPair): SessionTokens => ({
  access_token: tokens.accessToken.reveal(),
  refresh_token: tokens.refreshToken.reveal(),
  token_type: 'bearer',
  expires_in: tokens.expiresInSeconds,
});

/** Its tokens are in cookies. */
export const printCookieSession = (tokens: TokenPair): CookieSession => ({
  token_type: 'cookie',
  expires_in: tokens.expiresInSeconds,
});

export const printSession = (session: ListedSession, currentId: string): PrintedSession => ({
  session_id: session.id,
  created_at: session.createdAt.toISOString(),
  last_used_at: session.lastUsedAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
  address: session.address,
  user_agent: session.userAgent,
  is_current: session.id === currentId,
});

export const printData = (data: PersonalData, exportedAt: Date): PrintedData => ({
  exported_at: exportedAt.toISOString(),
  user: printAccount(data.account),
  sessions: data.sessions.map(snakeCase),
  keys: data.keys.map(snakeCase),
  provider_keys: data.providerKeys.map(snakeCase),
  invitations: data.invitations.map(snakeCase),
  conversations: data.conversations.map(snakeCase),
  messages: data.messages.map(snakeCase),
  are_messages_complete: data.areMessagesComplete,
  feedback: data.feedback.map(snakeCase),
  audit_log: data.auditLog.map(snakeCase),
});

/** Rows as they are stored, in the spelling of the wire. */
const snakeCase = (row: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
