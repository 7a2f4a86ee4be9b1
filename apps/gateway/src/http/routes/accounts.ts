import { ENDPOINTS } from '@sealgate/contract';
import {
  changePassword,
  confirmTotp,
  deactivateAccount,
  disableTotp,
  exportAccount,
  readAccount,
  readSecondFactor,
  renewRecoveryCodes,
  setUpTotp,
  updateAccount,
  type AccountServices,
} from '../../customers/accounts/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printAccount, printData } from './print-account.ts';

export function addAccountRoutes(addRoute: AddRoute, services: AccountServices): void {
  addRoute(ENDPOINTS.readAccount, async (ctx) => printAccount(await readAccount(ctx)));
  addRoute(ENDPOINTS.updateAccount, async (ctx, { body }) =>
    printAccount(await updateAccount(ctx, { fullName: body.full_name, locale: body.locale })),
  );
  addRoute(ENDPOINTS.changePassword, (ctx, { body }) =>
    changePassword(ctx, services, {
      currentPassword: body.current_password,
      newPassword: body.new_password,
    }),
  );
  addRoute(ENDPOINTS.exportAccount, async (ctx) =>
    printData(await exportAccount(ctx), new Date(ctx.clock())),
  );
  addRoute(ENDPOINTS.deactivateAccount, async (ctx, { body }) => ({
    erase_after: (await deactivateAccount(ctx, services, body.password)).toISOString(),
  }));
  addSecondFactorRoutes(addRoute, services);
}

function addSecondFactorRoutes(addRoute: AddRoute, services: AccountServices): void {
  addRoute(ENDPOINTS.readTwoFactorStatus, async (ctx) => {
    const { isEnabled, recoveryCodesLeft } = await readSecondFactor(ctx);
    return { enabled: isEnabled, method: 'totp' as const, recovery_codes_left: recoveryCodesLeft };
  });
  addRoute(ENDPOINTS.setUpTwoFactor, async (ctx, { body }) => {
    const { secret, otpauthUri, qrCode } = await setUpTotp(ctx, services, body.password);
    return { secret, otpauth_uri: otpauthUri, qr_code: qrCode };
  });
  addRoute(ENDPOINTS.verifyTwoFactor, async (ctx, { body }) => ({
    recovery_codes: [...(await confirmTotp(ctx, services, body.code))],
  }));
  addRoute(ENDPOINTS.disableTwoFactor, (ctx, { body }) => disableTotp(ctx, services, body));
  addRoute(ENDPOINTS.renewRecoveryCodes, async (ctx, { body }) => ({
    recovery_codes: [...(await renewRecoveryCodes(ctx, services, body))],
  }));
}
