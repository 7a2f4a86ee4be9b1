import { z } from 'zod';
import { BODY_REFUSALS, CREATION_REFUSALS, endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import {
  AlertDeliveryList,
  AlertTest,
  rotateSecret,
  signingSecret,
  thresholds,
  webhookUrl,
} from './alerts.ts';
import { CacheChange, CacheSettings } from './cache.ts';
import { GEO_POLICIES } from './geo-policy.ts';
import { id, listOf, PageQuery, spendLimit, time, usd } from './values.ts';

const name = z.string().trim().min(1).max(100);

const spendCap = spendLimit().describe(
  'US dollars per calendar month of the organization’s time zone, decimal text. Owners and admins set it. Requests that could ' +
    'cost more than what is left of it are refused with key_monthly_cap_exceeded.',
);

const geoPolicy = z
  .enum(GEO_POLICIES)
  .describe('Where the providers are to which requests may go; the same for every fallback.');

const allowedModels = z
  .array(z.string().min(1).max(200))
  .min(1)
  .max(200)
  .describe('The only models and tiers that the key may use, as `/v1/models` names them.');

const ipAllowList = z
  .array(
    z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
      error: 'must be an address or a range such as 203.0.113.0/24',
    }),
  )
  .min(1)
  .max(100)
  .describe('The only addresses and ranges from which the key may be used.')
  .meta({ examples: [['203.0.113.0/24', '2001:db8::/32']] });

const expiresAt = time().describe('When it ends by itself. It lies ahead.');

const rateLimitRpm = z.int().min(1).max(1_000_000).describe('Requests per minute.');

export const NewApiKey = z.strictObject({
  name,
  monthly_spend_cap_usd: spendCap.optional(),
  alert_webhook_url: webhookUrl.optional(),
  alert_thresholds: thresholds.optional(),
  geo_policy: geoPolicy.optional(),
  allowed_models: allowedModels.optional(),
  ip_allow_list: ipAllowList.optional(),
  expires_at: expiresAt.optional(),
  rate_limit_rpm: rateLimitRpm.optional(),
  cache: CacheChange.optional(),
});

export type NewApiKey = z.output<typeof NewApiKey>;

/** `null` takes a limit away. */
export const ApiKeyChange = z.strictObject({
  name: name.optional(),
  monthly_spend_cap_usd: spendCap.nullable().optional(),
  alert_webhook_url: webhookUrl.nullable().optional(),
  alert_thresholds: thresholds.optional(),
  geo_policy: geoPolicy.optional(),
  allowed_models: allowedModels.nullable().optional(),
  ip_allow_list: ipAllowList.nullable().optional(),
  expires_at: expiresAt.nullable().optional(),
  rate_limit_rpm: rateLimitRpm.nullable().optional(),
  cache: CacheChange.optional(),
});

export type ApiKeyChange = z.output<typeof ApiKeyChange>;

export const SpendCapChange = z
  .strictObject({
    monthly_spend_cap_usd: spendCap.optional(),
    clear: z.boolean().default(false).describe('`true` takes the cap away.'),
  })
  .refine(
    (change) => (change.monthly_spend_cap_usd !== undefined) !== change.clear,
    'Send either monthly_spend_cap_usd or "clear": true',
  );

export type SpendCapChange = z.output<typeof SpendCapChange>;

export const AlertWebhookChange = z
  .strictObject({
    url: webhookUrl.optional(),
    clear: z.boolean().default(false).describe('`true` takes the webhook away.'),
    thresholds: thresholds.default([50, 80, 100]),
    rotate_secret: rotateSecret,
  })
  .refine(
    (change) => (change.url !== undefined) !== change.clear,
    'Send either url or "clear": true',
  );

export type AlertWebhookChange = z.output<typeof AlertWebhookChange>;

export const GeoPolicyChange = z.strictObject({ geo_policy: geoPolicy });

export type GeoPolicyChange = z.output<typeof GeoPolicyChange>;

export const KeyRotation = z.strictObject({
  grace_period_seconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(0)
    .describe('How long the old secret stays good. The secret before it ends at once.'),
});

export type KeyRotation = z.output<typeof KeyRotation>;

export const ApiKey = z.object({
  key_id: id('key'),
  name: z.string(),
  prefix: z.string().describe('The beginning of the full key, to recognise it by.'),
  status: z.enum(['active', 'expired', 'revoked']),
  monthly_spend_cap_usd: usd().nullable().describe('`null`: no cap.'),
  spend_this_month_usd: usd().describe(
    'In this calendar month of the organization’s time zone; the last seconds may be missing.',
  ),
  alert_webhook_url: z.string().nullable(),
  alert_thresholds: z
    .array(z.int())
    .describe('Per cent of the cap that are told, to the webhook and by mail.'),
  geo_policy: geoPolicy,
  allowed_models: z.array(z.string()).nullable().describe('`null`: every model.'),
  ip_allow_list: z.array(z.string()).nullable().describe('`null`: from everywhere.'),
  rate_limit_rpm: z.int().nullable().describe('`null`: the server’s own limit.'),
  cache: CacheSettings,
  created_by: id('usr').nullable().describe('`null`: an operator made it.'),
  created_at: time(),
  expires_at: time().nullable(),
  revoked_at: time().nullable(),
  last_used_at: time().nullable().describe('To about ten seconds.'),
  previous_secret_ends_at: time()
    .nullable()
    .describe('After a rotation: until when the old secret is good.'),
});

export type ApiKey = z.output<typeof ApiKey>;

export const ApiKeyList = listOf(ApiKey);

export type ApiKeyList = z.output<typeof ApiKeyList>;

export const IssuedApiKey = z.object({
  full_key: z.string().describe('Shown this once: only its hash is kept.'),
  key: ApiKey,
  signing_secret: signingSecret,
});

export type IssuedApiKey = z.output<typeof IssuedApiKey>;

export const ChangedApiKey = ApiKey.extend({ signing_secret: signingSecret });

export type ChangedApiKey = z.output<typeof ChangedApiKey>;

const KeyParams = z.object({ key_id: id('key') });

const shared = { tag: 'keys', caller: 'member', action: 'keys.use' } as const;

const KEY_CHANGE_REFUSALS = [...MEMBER_REFUSALS, ...BODY_REFUSALS, 'conflict'] as const;

const changed = {
  200: { description: 'As it is now.', content: { 'application/json': ChangedApiKey } },
} as const;

export const createKey = endpoint({
  ...shared,
  method: 'POST',
  path: '/v1/keys',
  summary: 'Create an API key',
  description:
    'A cap needs an owner or an admin. A key that is limited itself manages no keys: it rotates and revokes itself only.',
  request: { body: { 'application/json': NewApiKey } },
  answers: { 201: { description: 'It works.', content: { 'application/json': IssuedApiKey } } },
  refusals: [...MEMBER_REFUSALS, ...CREATION_REFUSALS],
});

export const listKeys = endpoint({
  ...shared,
  method: 'GET',
  path: '/v1/keys',
  summary: 'List the organization’s API keys',
  description: 'The newest first, with those that were revoked.',
  request: { query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': ApiKeyList } } },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const retrieveKey = endpoint({
  ...shared,
  method: 'GET',
  path: '/v1/keys/{key_id}',
  summary: 'Describe an API key',
  request: { params: KeyParams },
  answers: { 200: { description: 'The key.', content: { 'application/json': ApiKey } } },
  refusals: MEMBER_REFUSALS,
});

export const updateKey = endpoint({
  ...shared,
  method: 'PATCH',
  path: '/v1/keys/{key_id}',
  summary: 'Change an API key',
  description:
    'What is not named stays; `null` takes a limit away. The cap, and keys that others made, need an owner or an admin.',
  request: { params: KeyParams, body: { 'application/json': ApiKeyChange } },
  answers: changed,
  refusals: KEY_CHANGE_REFUSALS,
});

export const updateSpendCap = endpoint({
  ...shared,
  action: 'keys.manage',
  method: 'PATCH',
  path: '/v1/keys/{key_id}/spend-cap',
  summary: 'Set or clear a key’s monthly spend cap',
  description:
    'It holds from the next request on. A cap below what the key has spent this month refuses every request until the next month.',
  request: { params: KeyParams, body: { 'application/json': SpendCapChange } },
  answers: changed,
  refusals: KEY_CHANGE_REFUSALS,
});

export const updateAlertWebhook = endpoint({
  ...shared,
  method: 'PATCH',
  path: '/v1/keys/{key_id}/alert-webhook',
  summary: 'Set or clear where a key’s spending alerts go',
  description:
    'A new URL gets a new signing secret, which is shown this once; with the same URL the secret stays, unless it is rotated. ' +
    'Events are signed as Standard Webhooks says: `webhook-id`, `webhook-timestamp`, `webhook-signature`.',
  request: { params: KeyParams, body: { 'application/json': AlertWebhookChange } },
  answers: changed,
  refusals: KEY_CHANGE_REFUSALS,
});

export const testAlertWebhook = endpoint({
  ...shared,
  method: 'POST',
  path: '/v1/keys/{key_id}/alert-webhook/test',
  summary: 'Send a test event to a key’s alert webhook',
  description:
    'One signed event of the type `key.alert_test`, now. Redirects are not followed. At most ten tests a minute.',
  request: { params: KeyParams },
  answers: { 200: { description: 'It was tried.', content: { 'application/json': AlertTest } } },
  refusals: [...MEMBER_REFUSALS, 'conflict'],
});

export const listKeyAlertDeliveries = endpoint({
  ...shared,
  method: 'GET',
  path: '/v1/keys/{key_id}/alert-deliveries',
  summary: 'List the tries to reach a key’s alert webhook',
  description: 'The latest first, of the last 30 days. An event is tried for a day.',
  request: { params: KeyParams, query: PageQuery },
  answers: {
    200: { description: 'One page.', content: { 'application/json': AlertDeliveryList } },
  },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const updateGeoPolicy = endpoint({
  ...shared,
  method: 'PATCH',
  path: '/v1/keys/{key_id}/geo-policy',
  summary: 'Choose where a key’s requests may go',
  request: { params: KeyParams, body: { 'application/json': GeoPolicyChange } },
  answers: changed,
  refusals: KEY_CHANGE_REFUSALS,
});

export const updateKeyCache = endpoint({
  ...shared,
  method: 'PATCH',
  path: '/v1/keys/{key_id}/cache',
  summary: 'Choose whether a key’s answers are kept and given again',
  description:
    'What is not named stays. An answer from the cache costs a part of what it would have cost. Never kept: sealed requests, ' +
    'tool calls, broken or empty answers. Where a request names a temperature above 0 it has to ask: `"cache": "on"`.',
  request: { params: KeyParams, body: { 'application/json': CacheChange } },
  answers: changed,
  refusals: KEY_CHANGE_REFUSALS,
});

export const clearKeyCache = endpoint({
  ...shared,
  method: 'DELETE',
  path: '/v1/keys/{key_id}/cache',
  summary: 'Forget the answers that a key has kept',
  description: 'Every gateway forgets them within a second.',
  request: { params: KeyParams },
  answers: { 204: { description: 'They are gone.', content: {} } },
  refusals: MEMBER_REFUSALS,
});

export const rotateKey = endpoint({
  ...shared,
  method: 'POST',
  path: '/v1/keys/{key_id}/rotate',
  summary: 'Give a key a new secret',
  description: 'The key keeps its id, its limits and what it has spent.',
  request: { params: KeyParams, body: { 'application/json': KeyRotation } },
  answers: {
    201: { description: 'The new secret works.', content: { 'application/json': IssuedApiKey } },
  },
  refusals: [...MEMBER_REFUSALS, ...CREATION_REFUSALS, 'conflict'],
});

export const revokeKey = endpoint({
  ...shared,
  method: 'DELETE',
  path: '/v1/keys/{key_id}',
  summary: 'Revoke an API key',
  description: 'Every gateway refuses it within a second. Revoking it again changes nothing.',
  request: { params: KeyParams },
  answers: { 204: { description: 'It is revoked.', content: {} } },
  refusals: MEMBER_REFUSALS,
});
