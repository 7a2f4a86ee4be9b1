import { ENDPOINTS } from '@sealgate/contract';
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
} from '../../customers/accounts/index.ts';
import { foundPersonalOrganization } from '../../customers/organizations/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';
import { readLocale } from '../read-locale.ts';
import { printAccount, printSession, printTokens } from './print-account.ts';

export function addAuthRoutes(addRoute: AddRoute, services: AccountServices): void {
  addRoute(ENDPOINTS.register, async (ctx, { body, header }) => {
    const { email, password, full_name: fullName } = body;
    const locale = readLocale(header('accept-language'));
    const withFounding = { ...services, foundOrganization: foundPersonalOrganization };
    await register(ctx, withFounding, { email, password, fullName, locale });
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
  addRoute(ENDPOINTS.login, async (ctx, { body, header }) => {
    const { account, ...tokens } = await login(ctx, services, {
      email: body.email,
      password: body.password,
      totpCode: body.totp_code,
      recoveryCode: body.recovery_code,
      userAgent: header('user-agent'),
    });
    return { ...printTokens(tokens), user: printAccount(account) };
  });
  addRoute(ENDPOINTS.refreshSession, async (ctx, { body }) =>
    printTokens(await refreshSession(ctx, services, body.refresh_token)),
  );
  addRoute(ENDPOINTS.logout, (ctx, { body }) => logout(ctx, services, body.refresh_token));
  addRoute(ENDPOINTS.listSessions, async (ctx, { query }) =>
    printList(await listSessions(ctx, query), (session) =>
      printSession(session, ctx.actor.sessionId),
    ),
  );
  addRoute(ENDPOINTS.endSession, (ctx, { params }) => endSession(ctx, params.session_id));
}
