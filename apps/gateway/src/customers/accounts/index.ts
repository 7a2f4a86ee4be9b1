export type { Account, Locale } from './account.ts';
export { createUser, type CreatedUser, type UserCreation } from './create-user.ts';
export { deactivateAccount } from './leaving/deactivate.ts';
export { eraseDueAccounts } from './leaving/erase.ts';
export { exportAccount, type PersonalData } from './leaving/export.ts';
export { restoreUser } from './leaving/restore.ts';
export { changePassword } from './passwords/change.ts';
export { forgotPassword } from './passwords/forgot.ts';
export { resetPassword } from './passwords/reset.ts';
export { readAccount, updateAccount } from './profile.ts';
export { purge } from './purge.ts';
export { register, type FoundPersonalOrganization } from './register.ts';
export { disableTotp, renewRecoveryCodes } from './second-factor/manage.ts';
export {
  confirmTotp,
  readSecondFactor,
  setUpTotp,
  type SecondFactorStatus,
} from './second-factor/set-up.ts';
export type { RegistrationServices } from './register.ts';
export { createAccountServices, type AccountServices } from './services.ts';
export type { Session, SessionVerdict, SessionVerifier } from './session.ts';
export { endSession, listSessions, type ListedSession } from './sessions/list.ts';
export { login, type SignedIn } from './sessions/login.ts';
export { logout, refreshSession } from './sessions/refresh.ts';
export type { TokenPair } from './sessions/tokens.ts';
export { hashToken, mintToken } from './token.ts';
export { verifyEmail } from './verify-email.ts';
export { createSessionVerifier } from './verify-session.ts';
