import type { RequestOptions } from '../transport.ts';
import type {
  Account,
  AccountChange,
  Deactivation,
  NewAccount,
  PasswordChange,
  PasswordReset,
  PersonalData,
  RecoveryCodes,
  Registration,
  Session,
  SessionTokens,
  SignedIn,
  SignIn,
  TwoFactorSetup,
  TwoFactorStatus,
} from './account.ts';
import type { Answering } from './answering.ts';
import { at } from './calls.ts';
import type { Calls } from './calls.ts';
import type { Listing, PageParams } from './listing.ts';

/** For what serves once: if the answer is lost on the way, a second try would only be refused. */
const once = (options: RequestOptions = {}): RequestOptions => ({ maxRetries: 0, ...options });

/** `client.auth`: accounts, sessions and the second factor. */
export class Auth {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Creates an account, and sends a mail that confirms its address. */
  register(account: NewAccount, options?: RequestOptions): Answering<Registration> {
    return this.#calls.post('/auth/register', account, options);
  }

  /** Confirms an address. `token` is in the mail's link. */
  verifyEmail(proof: { readonly token: string }, options?: RequestOptions): Answering<void> {
    return this.#calls.order('POST', '/auth/verify-email', once(options), proof);
  }

  /**
   * Signs in.
   *
   * @throws {AuthenticationError} with the code `two_factor_required` when a code is missing
   * @example
   * const { access_token } = await client.auth.login({ email, password });
   * const signedIn = client.withOptions({ apiKey: access_token });
   */
  login(signIn: SignIn, options?: RequestOptions): Answering<SignedIn> {
    return this.#calls.post('/auth/login', signIn, once(options));
  }

  /** Renews the tokens of a session. The refresh token serves once: keep the new one. */
  refresh(
    proof: { readonly refresh_token: string },
    options?: RequestOptions,
  ): Answering<SessionTokens> {
    return this.#calls.post('/auth/refresh', proof, once(options));
  }

  /** Ends the session of a refresh token. */
  logout(proof: { readonly refresh_token: string }, options?: RequestOptions): Answering<void> {
    return this.#calls.order('POST', '/auth/logout', options, proof);
  }

  /** Sends a mail with a link that sets a new password, if there is such an account. */
  forgotPassword(account: { readonly email: string }, options?: RequestOptions): Answering<void> {
    return this.#calls.order('POST', '/auth/forgot-password', options, account);
  }

  /** Sets a new password by the link of a mail. All sessions end. */
  resetPassword(reset: PasswordReset, options?: RequestOptions): Answering<void> {
    return this.#calls.order('POST', '/auth/reset-password', once(options), reset);
  }

  /** One's own account; a key acts for the person who made it. */
  me(options?: RequestOptions): Answering<Account> {
    return this.#calls.get('/auth/me', options);
  }

  /** Changes one's name or language. */
  updateProfile(change: AccountChange, options?: RequestOptions): Answering<Account> {
    return this.#calls.patch('/auth/me', change, options);
  }

  /** Changes the password. All other sessions end. */
  changePassword(change: PasswordChange, options?: RequestOptions): Answering<void> {
    return this.#calls.order('POST', '/auth/change-password', once(options), change);
  }

  /** Whether there is a second factor. */
  twoFaStatus(options?: RequestOptions): Answering<TwoFactorStatus> {
    return this.#calls.get('/auth/2fa/status', options);
  }

  /** Begins with a second factor, which counts from its first code on: see {@link Auth.twoFaVerify}. */
  twoFaSetup(
    proof: { readonly password: string },
    options?: RequestOptions,
  ): Answering<TwoFactorSetup> {
    return this.#calls.post('/auth/2fa/setup', proof, options);
  }

  /** Switches the second factor on by its first code. */
  twoFaVerify(
    proof: { readonly code: string },
    options?: RequestOptions,
  ): Answering<RecoveryCodes> {
    return this.#calls.post('/auth/2fa/verify', proof, once(options));
  }

  /** Switches the second factor off. */
  twoFaDisable(
    proof: { readonly password: string; readonly code: string },
    options?: RequestOptions,
  ): Answering<void> {
    return this.#calls.order('POST', '/auth/2fa/disable', once(options), proof);
  }

  /** Ten new recovery codes; the old ones end. */
  twoFaRecoveryCodes(
    proof: { readonly password: string; readonly code: string },
    options?: RequestOptions,
  ): Answering<RecoveryCodes> {
    return this.#calls.post('/auth/2fa/recovery-codes', proof, once(options));
  }

  /** Where one is signed in. */
  listSessions(page: PageParams = {}, options?: RequestOptions): Listing<Session> {
    return this.#calls.list('/auth/sessions', page, options);
  }

  /** Ends one of one's sessions. */
  endSession(sessionId: string, options?: RequestOptions): Answering<void> {
    return this.#calls.order('DELETE', at`/auth/sessions/${sessionId}`, options);
  }

  /** Everything that is kept about the person. */
  exportData(options?: RequestOptions): Answering<PersonalData> {
    return this.#calls.get('/auth/export', options);
  }

  /** Closes the account: sessions and keys end at once, personal data is erased after 14 days. */
  deactivate(
    proof: { readonly password: string },
    options?: RequestOptions,
  ): Answering<Deactivation> {
    return this.#calls.post('/auth/deactivate', proof, once(options));
  }
}
