import { z } from 'zod';
import { BODY_REFUSALS, endpoint, MEMBER_REFUSALS, SESSION_REFUSALS } from './endpoint.ts';
import { ROLES } from './roles.ts';
import { id, time } from './values.ts';

export const LOCALES = ['en', 'zh-CN', 'ko', 'de', 'ja'] as const;

export type Locale = (typeof LOCALES)[number];

export const fullName = () => z.string().trim().min(1).max(100);
export const password = () => z.string().max(256);
export const newPassword = () =>
  z
    .string()
    .min(12)
    .max(256)
    .describe('At least 12 characters, and none of the common passwords.')
    .meta({ examples: ['correct horse battery staple'] });
const code = () =>
  z.string().max(60).describe('Six digits of the authenticator app, or a recovery code.');

export const Account = z.object({
  user_id: id('usr'),
  email: z.string(),
  email_verified: z.boolean(),
  full_name: z.string().nullable(),
  locale: z.enum(LOCALES).describe('The language of mails.'),
  two_factor_enabled: z.boolean(),
  created_at: time(),
  organizations: z
    .array(
      z.object({
        org_id: id('org'),
        name: z.string(),
        kind: z.enum(['personal', 'team']),
        role: z.enum(ROLES),
      }),
    )
    .describe('Where one belongs, the oldest first; at most a hundred.'),
});

export type Account = z.output<typeof Account>;

export const AccountChange = z.strictObject({
  full_name: fullName().nullable().optional(),
  locale: z.enum(LOCALES).optional(),
});

export type AccountChange = z.output<typeof AccountChange>;

export const PasswordChange = z.strictObject({
  current_password: password(),
  new_password: newPassword(),
});

export type PasswordChange = z.output<typeof PasswordChange>;

export const TwoFactorStatus = z.object({
  enabled: z.boolean(),
  method: z.literal('totp'),
  recovery_codes_left: z.int(),
});

export type TwoFactorStatus = z.output<typeof TwoFactorStatus>;

export const PasswordProof = z.strictObject({ password: password() });

export type PasswordProof = z.output<typeof PasswordProof>;

export const TwoFactorSetup = z.object({
  secret: z.string().describe('Base32, to be typed in where no camera is.'),
  otpauth_uri: z.string(),
  qr_code: z.string().describe('The URI as a picture: an SVG in a data URI.'),
});

export type TwoFactorSetup = z.output<typeof TwoFactorSetup>;

export const CodeProof = z.strictObject({ code: code() });

export type CodeProof = z.output<typeof CodeProof>;

export const FullProof = z.strictObject({ password: password(), code: code() });

export type FullProof = z.output<typeof FullProof>;

export const RecoveryCodes = z.object({
  recovery_codes: z.array(z.string()).describe('Ten, each for one use. Shown this once.'),
});

export type RecoveryCodes = z.output<typeof RecoveryCodes>;

export const PersonalData = z.object({
  exported_at: time(),
  user: Account,
  sessions: z.array(z.record(z.string(), z.unknown())),
  keys: z.array(z.record(z.string(), z.unknown())),
  provider_keys: z
    .array(z.record(z.string(), z.unknown()))
    .describe('That one has brought. Not the keys themselves.'),
  invitations: z.array(z.record(z.string(), z.unknown())),
  conversations: z.array(z.record(z.string(), z.unknown())),
  messages: z.array(z.record(z.string(), z.unknown())),
  are_messages_complete: z
    .boolean()
    .describe('False: there are more; GET /v1/conversations/{id}/export has each conversation.'),
  feedback: z.array(z.record(z.string(), z.unknown())),
  audit_log: z.array(z.record(z.string(), z.unknown())),
});

export type PersonalData = z.output<typeof PersonalData>;

export const Deactivation = z.object({
  erase_after: time().describe('Until then the operator can restore the account.'),
});

export type Deactivation = z.output<typeof Deactivation>;

export const readAccount = endpoint({
  method: 'GET',
  path: '/v1/auth/me',
  tag: 'accounts',
  summary: 'Describe one’s own account',
  description: 'A key acts for the person who made it. One that the operator made has no account.',
  caller: 'member',
  answers: { 200: { description: 'The account.', content: { 'application/json': Account } } },
  refusals: MEMBER_REFUSALS,
});

export const updateAccount = endpoint({
  method: 'PATCH',
  path: '/v1/auth/me',
  tag: 'accounts',
  summary: 'Change one’s name or language',
  caller: 'member',
  request: { body: { 'application/json': AccountChange } },
  answers: { 200: { description: 'As it is now.', content: { 'application/json': Account } } },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS],
});

export const changePassword = endpoint({
  method: 'POST',
  path: '/v1/auth/change-password',
  tag: 'accounts',
  summary: 'Change the password',
  description: 'All other sessions end.',
  caller: 'member',
  request: { body: { 'application/json': PasswordChange } },
  answers: { 204: { description: 'It is changed.', content: {} } },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS, 'invalid_credentials'],
});

export const readTwoFactorStatus = endpoint({
  method: 'GET',
  path: '/v1/auth/2fa/status',
  tag: 'accounts',
  summary: 'Is there a second factor?',
  caller: 'member',
  answers: { 200: { description: 'So it is.', content: { 'application/json': TwoFactorStatus } } },
  refusals: MEMBER_REFUSALS,
});

export const setUpTwoFactor = endpoint({
  method: 'POST',
  path: '/v1/auth/2fa/setup',
  tag: 'accounts',
  summary: 'Begin with a second factor',
  description: 'It counts from its first code on: see /v1/auth/2fa/verify.',
  caller: 'session',
  request: { body: { 'application/json': PasswordProof } },
  answers: {
    200: {
      description: 'What the authenticator app needs.',
      content: { 'application/json': TwoFactorSetup },
    },
  },
  refusals: [...SESSION_REFUSALS, ...BODY_REFUSALS, 'invalid_credentials', 'conflict'],
});

export const verifyTwoFactor = endpoint({
  method: 'POST',
  path: '/v1/auth/2fa/verify',
  tag: 'accounts',
  summary: 'Switch the second factor on by its first code',
  caller: 'session',
  request: { body: { 'application/json': CodeProof } },
  answers: {
    200: {
      description: 'It is on; these are the ways in without the app.',
      content: { 'application/json': RecoveryCodes },
    },
  },
  refusals: [...SESSION_REFUSALS, ...BODY_REFUSALS, 'invalid_credentials', 'conflict'],
});

export const disableTwoFactor = endpoint({
  method: 'POST',
  path: '/v1/auth/2fa/disable',
  tag: 'accounts',
  summary: 'Switch the second factor off',
  caller: 'session',
  request: { body: { 'application/json': FullProof } },
  answers: { 204: { description: 'It is off.', content: {} } },
  refusals: [...SESSION_REFUSALS, ...BODY_REFUSALS, 'invalid_credentials', 'conflict'],
});

export const renewRecoveryCodes = endpoint({
  method: 'POST',
  path: '/v1/auth/2fa/recovery-codes',
  tag: 'accounts',
  summary: 'Get new recovery codes',
  description: 'The old ones end.',
  caller: 'session',
  request: { body: { 'application/json': FullProof } },
  answers: { 200: { description: 'Ten codes.', content: { 'application/json': RecoveryCodes } } },
  refusals: [...SESSION_REFUSALS, ...BODY_REFUSALS, 'invalid_credentials', 'conflict'],
});

export const exportAccount = endpoint({
  method: 'GET',
  path: '/v1/auth/export',
  tag: 'accounts',
  summary: 'Take all personal data along',
  caller: 'session',
  answers: {
    200: { description: 'Everything.', content: { 'application/json': PersonalData } },
  },
  refusals: SESSION_REFUSALS,
});

export const deactivateAccount = endpoint({
  method: 'POST',
  path: '/v1/auth/deactivate',
  tag: 'accounts',
  summary: 'Close the account',
  description:
    'Sessions and keys end at once. After 14 days everything personal is erased; the ledger stays, without it. Who owns ' +
    'an organization that others belong to transfers it first.',
  caller: 'session',
  request: { body: { 'application/json': PasswordProof } },
  answers: {
    200: { description: 'It is closed.', content: { 'application/json': Deactivation } },
  },
  refusals: [...SESSION_REFUSALS, ...BODY_REFUSALS, 'invalid_credentials', 'last_owner'],
});
