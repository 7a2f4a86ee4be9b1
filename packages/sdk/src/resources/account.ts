/** The languages of mails. */
export type Locale = 'en' | 'zh-CN' | 'ko' | 'de' | 'ja';

/** The body of `auth.register`. */
export interface NewAccount {
  readonly email: string;
  /** At least 12 characters, and none of the common passwords. */
  readonly password: string;
  readonly full_name?: string | undefined;
}

/** The answer of `auth.register`, the same whether or not there was such an account. */
export interface Registration {
  object: 'registration';
  email: string;
  status: 'awaiting_verification';
}

/** The body of `auth.login`. */
export interface SignIn {
  readonly email: string;
  readonly password: string;
  /** Six digits, with a second factor. */
  readonly totp_code?: string | undefined;
  /** Instead of `totp_code`; serves once. */
  readonly recovery_code?: string | undefined;
}

/** What a session is called with. */
export interface SessionTokens {
  /** For `apiKey` of a client. */
  access_token: string;
  /** Serves once: each renewal gives a new one. */
  refresh_token: string;
  token_type: 'bearer';
  /** Seconds until the access token ends. */
  expires_in: number;
}

/** The answer of `auth.login`. */
export interface SignedIn extends SessionTokens {
  user: Account;
}

/** A person. */
export interface Account {
  user_id: string;
  email: string;
  email_verified: boolean;
  full_name: string | null;
  locale: Locale;
  two_factor_enabled: boolean;
  /** RFC 3339. */
  created_at: string;
  /** Where one belongs, the oldest first; at most a hundred. */
  organizations: {
    org_id: string;
    name: string;
    kind: 'personal' | 'team';
    role: 'developer' | 'admin' | 'owner';
  }[];
}

/** The body of `auth.updateProfile`. What is missing stays. */
export interface AccountChange {
  readonly full_name?: string | null | undefined;
  readonly locale?: Locale | undefined;
}

/** The body of `auth.changePassword`. */
export interface PasswordChange {
  readonly current_password: string;
  /** At least 12 characters. */
  readonly new_password: string;
}

/** The body of `auth.resetPassword`. */
export interface PasswordReset {
  /** From the link in the mail. */
  readonly token: string;
  /** At least 12 characters. */
  readonly new_password: string;
}

/** The state of the second factor. */
export interface TwoFactorStatus {
  enabled: boolean;
  method: 'totp';
  recovery_codes_left: number;
}

/** What an authenticator app needs. */
export interface TwoFactorSetup {
  /** Base32. */
  secret: string;
  otpauth_uri: string;
  /** An SVG in a data URI. */
  qr_code: string;
}

/** Ways in without the app; each serves once. */
export interface RecoveryCodes {
  recovery_codes: string[];
}

/** Where somebody is signed in. */
export interface Session {
  session_id: string;
  /** RFC 3339, as all times. */
  created_at: string;
  /** When its tokens were last renewed. */
  last_used_at: string;
  expires_at: string;
  address: string | null;
  user_agent: string | null;
  is_current: boolean;
}

/** Everything that is kept about a person. */
export interface PersonalData {
  /** RFC 3339. */
  exported_at: string;
  user: Account;
  sessions: Record<string, unknown>[];
  keys: Record<string, unknown>[];
  /** That one has brought; not the keys themselves. */
  provider_keys: Record<string, unknown>[];
  invitations: Record<string, unknown>[];
  conversations: Record<string, unknown>[];
  messages: Record<string, unknown>[];
  /** False: there are more; `conversations.export` has each conversation. */
  are_messages_complete: boolean;
  feedback: Record<string, unknown>[];
  audit_log: Record<string, unknown>[];
}

/** The answer of `auth.deactivate`. */
export interface Deactivation {
  /** Until then the operator can restore the account. RFC 3339. */
  erase_after: string;
}
