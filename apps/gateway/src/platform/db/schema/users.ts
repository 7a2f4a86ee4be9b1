import { bigint, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment } from './columns.ts';
import { organizations } from './organizations.ts';

/** People. These tables belong to the room `accounts`; what names a person is null once the person is erased. */
export const users = pgTable(
  'users',
  {
    id: text().primaryKey(),
    /** In lower case. */
    email: text().unique(),
    emailVerifiedAt: moment('email_verified_at'),
    /** argon2id in PHC format. */
    passwordHash: text('password_hash'),
    passwordChangedAt: moment('password_changed_at'),
    fullName: text('full_name'),
    locale: text({ enum: ['en', 'zh-CN', 'ko', 'de', 'ja'] })
      .notNull()
      .default('en'),
    personalOrganizationId: text('personal_organization_id')
      .notNull()
      .references(() => organizations.id),
    createdAt: createdAt(),
    /** From then on nobody can sign in; the person is erased after the grace. */
    deactivatedAt: moment('deactivated_at'),
    eraseAfter: moment('erase_after'),
    erasedAt: moment('erased_at'),
  },
  (table) => [index('users_to_erase').on(table.eraseAfter)],
);

/** One sign-in, however often its tokens are renewed: the family that ends when an old refresh token comes again. */
export const sessions = pgTable(
  'sessions',
  {
    id: text().primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    address: text(),
    userAgent: text('user_agent'),
    createdAt: createdAt(),
    lastUsedAt: moment('last_used_at').notNull(),
    /** Whatever is renewed, it ends then. */
    expiresAt: moment('expires_at').notNull(),
    endedAt: moment('ended_at'),
    endReason: text('end_reason', {
      enum: ['signed-out', 'password-changed', 'token-reused', 'deactivated'],
    }),
  },
  (table) => [index('sessions_of_user').on(table.userId, table.id)],
);

/** Access and refresh tokens of a session: SHA-256 of 32 random bytes. */
export const sessionTokens = pgTable(
  'session_tokens',
  {
    tokenHash: bytea('token_hash').primaryKey(),
    sessionId: text('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    kind: text({ enum: ['access', 'refresh'] }).notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    /** A refresh token serves once. */
    usedAt: moment('used_at'),
  },
  (table) => [index('session_tokens_of_session').on(table.sessionId)],
);

/** Links in mails: SHA-256 of 32 random bytes, each for one use. */
export const userTokens = pgTable(
  'user_tokens',
  {
    tokenHash: bytea('token_hash').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    purpose: text({ enum: ['verify-email', 'reset-password'] }).notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [index('user_tokens_of_user').on(table.userId)],
);

export const totpSecrets = pgTable('totp_secrets', {
  userId: text('user_id')
    .primaryKey()
    .references(() => users.id),
  /** Sealed by the vault. */
  secret: bytea().notNull(),
  createdAt: createdAt(),
  /** Null: set up, but not yet proven with a code. */
  confirmedAt: moment('confirmed_at'),
  /** The newest step whose code was taken: each serves once. */
  lastUsedStep: bigint('last_used_step', { mode: 'number' }),
});

export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    codeHash: bytea('code_hash').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [primaryKey({ columns: [table.userId, table.codeHash] })],
);
