import { z } from 'zod';
import { BODY_REFUSALS, CREATION_REFUSALS, endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { id, listOf, PageQuery, time } from './values.ts';

const provider = z
  .string()
  .min(1)
  .max(64)
  .describe('As `GET /v1/billing/providers` names it.')
  .meta({ examples: ['openai'] });

const label = z.string().trim().min(1).max(100).describe('For people. Default: the provider.');

const secret = z
  .string()
  .regex(/^[\x21-\x7e]{16,1000}$/, 'must be 16 to 1000 printable ASCII characters without spaces')
  .describe('The provider’s key. It is stored sealed and never shown again.')
  .meta({ examples: ['sk-proj-0123456789abcdef'] });

const fallback = z
  .boolean()
  .describe(
    '`true`: a request that this key does not serve may go with the operator’s key, and is charged as if there were none. ' +
      '`nexevo.tier` tells.',
  );

export const NewProviderKey = z.strictObject({
  provider,
  key: secret,
  label: label.optional(),
  fallback: fallback.default(false),
});

export type NewProviderKey = z.output<typeof NewProviderKey>;

/** What is not named stays. */
export const ProviderKeyChange = z.strictObject({
  label: label.optional(),
  fallback: fallback.optional(),
});

export type ProviderKeyChange = z.output<typeof ProviderKeyChange>;

export const ProviderKeyRotation = z.strictObject({ key: secret });

export type ProviderKeyRotation = z.output<typeof ProviderKeyRotation>;

export const ProviderKey = z.object({
  provider_key_id: id('pvk'),
  provider,
  label: z.string(),
  host: z.string().describe('The only host that the key is sent to.'),
  last_four: z.string().describe('The end of the key, to recognise it by.'),
  fallback,
  status: z
    .enum(['active', 'rejected', 'host_changed', 'unreadable'])
    .describe(
      '`rejected`: the provider does not take it. `host_changed`: the provider is at another host now, or takes no keys of ' +
        'organizations any more, so it is not sent. `unreadable`: it was stored under another master key. Rotating cures all of them.',
    ),
  created_by: id('usr').nullable().describe('`null`: a key that no person made.'),
  created_at: time(),
  rotated_at: time().nullable(),
  last_used_at: time().nullable().describe('When it last served, to about ten seconds.'),
  rejected_at: time().nullable().describe('Since when the provider refuses it.'),
  rejected_status: z.int().nullable().describe('What the provider answers, such as 401.'),
});

export type ProviderKey = z.output<typeof ProviderKey>;

export const ProviderKeyList = listOf(ProviderKey);

export type ProviderKeyList = z.output<typeof ProviderKeyList>;

export const CheckedProviderKey = ProviderKey.extend({
  check: z
    .object({
      outcome: z
        .enum(['accepted', 'refused', 'undecided'])
        .describe('`undecided`: the provider could not be asked, or its answer says nothing.'),
      message: z.string(),
    })
    .describe('What the provider said of the key just now.'),
});

export type CheckedProviderKey = z.output<typeof CheckedProviderKey>;

export const Provider = z.object({
  provider,
  host: z.string().describe('Where keys for it are sent, and nowhere else.'),
  own_key_needed: z
    .boolean()
    .describe('The operator has no key for it: its models are for organizations that bring one.'),
});

export type Provider = z.output<typeof Provider>;

export const ProviderList = z.object({ object: z.literal('list'), data: z.array(Provider) });

export type ProviderList = z.output<typeof ProviderList>;

const ProviderKeyParams = z.object({ provider_key_id: id('pvk') });

const common = { tag: 'billing', caller: 'member', action: 'billing.manage' } as const;

const CHECK =
  'The provider is asked for its models first. When it refuses the key, nothing is stored; when it cannot be asked, the key is ' +
  'stored all the same, and `check` says so. At most ten checks a minute.';

export const listProviders = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/providers',
  summary: 'List the providers that one may bring keys for',
  answers: { 200: { description: 'All of them.', content: { 'application/json': ProviderList } } },
  refusals: MEMBER_REFUSALS,
});

export const listProviderKeys = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/provider-keys',
  summary: 'List the organization’s own provider keys',
  description: 'The newest first; never the keys themselves.',
  request: { query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': ProviderKeyList } } },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const createProviderKey = endpoint({
  ...common,
  method: 'POST',
  path: '/v1/billing/provider-keys',
  summary: 'Bring a key of one’s own for a provider',
  description:
    'From then on the organization’s requests for models of this provider go with it and are charged by the tier `byok`. One for ' +
    `each provider. ${CHECK}`,
  request: { body: { 'application/json': NewProviderKey } },
  answers: {
    201: { description: 'It is stored.', content: { 'application/json': CheckedProviderKey } },
  },
  refusals: [...MEMBER_REFUSALS, ...CREATION_REFUSALS, 'conflict'],
});

export const updateProviderKey = endpoint({
  ...common,
  method: 'PATCH',
  path: '/v1/billing/provider-keys/{provider_key_id}',
  summary: 'Rename a provider key, or say what happens when it does not serve',
  request: { params: ProviderKeyParams, body: { 'application/json': ProviderKeyChange } },
  answers: {
    200: { description: 'As it is now.', content: { 'application/json': ProviderKey } },
  },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS],
});

export const rotateProviderKey = endpoint({
  ...common,
  method: 'POST',
  path: '/v1/billing/provider-keys/{provider_key_id}/rotate',
  summary: 'Put another key in its place',
  description: `The old one is not used any more. The new one is for where the provider is now. ${CHECK}`,
  request: { params: ProviderKeyParams, body: { 'application/json': ProviderKeyRotation } },
  answers: {
    200: { description: 'It is stored.', content: { 'application/json': CheckedProviderKey } },
  },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS, 'conflict'],
});

export const checkProviderKey = endpoint({
  ...common,
  method: 'POST',
  path: '/v1/billing/provider-keys/{provider_key_id}/check',
  summary: 'Ask the provider again whether it takes the key',
  description: 'Also for which models it lists now. At most ten checks a minute.',
  request: { params: ProviderKeyParams },
  answers: {
    200: { description: 'It was asked.', content: { 'application/json': CheckedProviderKey } },
  },
  refusals: [...MEMBER_REFUSALS, 'conflict'],
});

export const deleteProviderKey = endpoint({
  ...common,
  method: 'DELETE',
  path: '/v1/billing/provider-keys/{provider_key_id}',
  summary: 'Delete a provider key',
  description:
    'No gateway uses it a second later. Requests go with the operator’s key again, where there is one.',
  request: { params: ProviderKeyParams },
  answers: { 204: { description: 'It is gone.', content: {} } },
  refusals: MEMBER_REFUSALS,
});
