import { ENDPOINTS, type RefreshProof } from '@sealgate/contract';
import {
  endSession,
  forgotPassword,
  listSessions,
  login,
  logout,
  refreshSession,
  register,
  resetPassword,
  verifyEmail,
  type AccountServices,
  type RegistrationServices,
  type TokenPair,
} from '../../customers/accounts/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';
import type { SessionCookies } from '../platform/session-cookies.ts';
import { readLocale } from '../read-locale.ts';
import { printAccount, printCookieSession, printSession, printTokens } from './print-account.ts';

export function addAuthRoutes(addRoute: AddRoute, services: RegistrationServices): void {
  addRoute(ENDPOINTS.register, async (ctx, { body, header }) => {
    const { email, password, full_name: fullName } = body;
    const locale = readLocale(header('accept-language'));
    await register(ctx, services, { email, password, fullName, locale });
    return { object: 'registration', email, status: 'awaiting_verification' } as const;
  });
  addRoute(ENDPOINTS.verifyEmail, (ctx, { body }) => verifyEmail(ctx, services, body.token));
  addRoute(ENDPOINTS.forgotPassword, (ctx, { body }) => forgotPassword(ctx, services, body.email));
  addRoute(ENDPOINTS.resetPassword, (ctx, { body }) =>
    resetPassword(ctx, services, { token: body.token, newPassword: body.new_password }),
  );
  addSessionRoutes(addRoute, services);
}

function addSessionRoutes(addRoute: AddRoute, services: AccountServices): void {
  addRoute(ENDPOINTS.login, async (ctx, { body, header, openCookies }) => {
    const cookies = body.session === 'cookie' ? openCookies() : undefined;
    const { account, ...tokens } = await login(ctx, services, {
      email: body.email,
      password: body.password,
      totpCode: body.totp_code,
      recoveryCode: body.recovery_code,
      userAgent: header('user-agent'),
    });
    return { ...handOver(tokens, cookies), user: printAccount(account) };
  });
  addRoute(ENDPOINTS.refreshSession, async (ctx, { body, openCookies }) => {
    const cookies = body.session === 'cookie' ? openCookies() : undefined;
    return handOver(await refreshSession(ctx, services, refreshTokenOf(body, cookies)), cookies);
  });
  addRoute(ENDPOINTS.logout, async (ctx, { body, openCookies }) => {
    const cookies = body.session === 'cookie' ? openCookies() : undefined;
    await logout(ctx, services, refreshTokenOf(body, cookies));
    cookies?.clear();
  });
  addRoute(ENDPOINTS.listSessions, async (ctx, { query }) =>
    printList(await listSessions(ctx, query), (session) =>
      printSession(session, ctx.actor.sessionId),
    ),
  );
  addRoute(ENDPOINTS.endSession, (ctx, { params }) => endSession(ctx, params.session_id));
}

/** Into the cookies or into the body, never into both: scripts of a page must not see what is in its cookies. */
function handOver(tokens: TokenPair, cookies: SessionCookies | undefined) {
  if (cookies === undefined) return printTokens(tokens);
  cookies.keep(tokens);
  return printCookieSession(tokens);
}

/** A browser without the cookie is like one whose session is over. */
function refreshTokenOf(
  { refresh_token: token }: RefreshProof,
  cookies: SessionCookies | undefined,
): string {
  if (cookies !== undefined) return cookies.refreshToken ?? '';
  if (token !== undefined) return token;
  throw new Refusal('invalid_request_error', {
    message: 'Send the refresh token, or "session": "cookie" where it is in a cookie.',
    param: 'refresh_token',
  });
}
