import type { Clock } from '../../platform/clock.ts';
import { createCredentialGuard, type CredentialGuard } from './credential-guard.ts';
import { createPasswords, type Passwords } from './passwords/passwords.ts';

/** What the verbs of accounts need beside their context. */
export interface AccountServices {
  readonly passwords: Passwords;
  readonly guard: CredentialGuard;
}

export const createAccountServices = (clock: Clock): AccountServices => ({
  passwords: createPasswords(),
  guard: createCredentialGuard(clock),
});
