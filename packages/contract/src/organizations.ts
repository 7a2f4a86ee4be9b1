import { z } from 'zod';
import { BODY_REFUSALS, CREATION_REFUSALS, endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { ROLES } from './roles.ts';
import { id, listOf, PageQuery, spendLimit, time, usd } from './values.ts';

const name = z.string().trim().min(1).max(100);

export const NewOrganization = z.strictObject({ name });

export type NewOrganization = z.output<typeof NewOrganization>;

/** As the tables of time zones spell it. */
const TIME_ZONE = /^(?:UTC|[A-Z][A-Za-z_]+(?:\/[A-Z][A-Za-z0-9_+-]*){1,2})$/;

const timeZone = z
  .string()
  .max(64)
  .regex(TIME_ZONE, 'must be an IANA name such as Europe/Berlin')
  .refine(isTimeZone, 'is a time zone that this server does not know')
  .describe('IANA name; months of caps, quotas and invoices begin in it.')
  .meta({ examples: ['Europe/Berlin'] });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const monthlyQuota = () =>
  spendLimit().describe('US dollars per calendar month, decimal text. `null` takes it away.');

/** What is shown together with a quota. */
export const quota = {
  monthly_spend_quota_usd: usd().nullable().describe('`null`: no quota.'),
  spend_this_month_usd: usd().describe(
    'In this calendar month of the organization’s time zone; the last seconds may be missing.',
  ),
};

export const OrganizationChange = z.strictObject({
  name: name.optional(),
  time_zone: timeZone.optional(),
  monthly_spend_quota_usd: monthlyQuota().nullable().optional(),
});

export type OrganizationChange = z.output<typeof OrganizationChange>;

export const Organization = z.object({
  org_id: id('org'),
  name: z.string(),
  kind: z.enum(['personal', 'team']).describe('Every account has one of its own: `personal`.'),
  role: z.enum(ROLES).describe('The caller’s role in it.'),
  time_zone: z.string().describe('IANA name; months of caps, quotas and invoices begin in it.'),
  ...quota,
  created_at: time(),
});

export type Organization = z.output<typeof Organization>;

export const CreatedOrganization = z.object({ organization: Organization });

export type CreatedOrganization = z.output<typeof CreatedOrganization>;

export const OrganizationList = listOf(Organization);

export type OrganizationList = z.output<typeof OrganizationList>;

export const OrganizationParams = z.object({ organization_id: id('org') });

export const createOrganization = endpoint({
  method: 'POST',
  path: '/v1/organizations',
  tag: 'organizations',
  summary: 'Create an organization',
  description:
    'The caller becomes its owner. A key becomes able to act in the organizations that it created.',
  caller: 'member',
  request: { body: { 'application/json': NewOrganization } },
  answers: {
    201: { description: 'It exists.', content: { 'application/json': CreatedOrganization } },
  },
  refusals: [...MEMBER_REFUSALS, ...CREATION_REFUSALS],
});

export const listOrganizations = endpoint({
  method: 'GET',
  path: '/v1/organizations',
  tag: 'organizations',
  summary: 'List the caller’s organizations',
  description: 'The oldest first. A key sees its own organization and those that it created.',
  caller: 'member',
  request: { query: PageQuery },
  answers: {
    200: { description: 'One page.', content: { 'application/json': OrganizationList } },
  },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const retrieveOrganization = endpoint({
  method: 'GET',
  path: '/v1/organizations/{organization_id}',
  tag: 'organizations',
  summary: 'Describe an organization',
  caller: 'member',
  action: 'organization.read',
  request: { params: OrganizationParams },
  answers: {
    200: { description: 'The organization.', content: { 'application/json': Organization } },
  },
  refusals: MEMBER_REFUSALS,
});

export const updateOrganization = endpoint({
  method: 'PATCH',
  path: '/v1/organizations/{organization_id}',
  tag: 'organizations',
  summary: 'Change an organization’s name, time zone or quota',
  description: 'What is not named stays.',
  caller: 'member',
  action: 'organization.update',
  request: { params: OrganizationParams, body: { 'application/json': OrganizationChange } },
  answers: {
    200: { description: 'As it is now.', content: { 'application/json': Organization } },
  },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS],
});

export const deleteOrganization = endpoint({
  method: 'DELETE',
  path: '/v1/organizations/{organization_id}',
  tag: 'organizations',
  summary: 'Delete an organization',
  description:
    'Its keys stop working at once; its members, invitations and conversations are erased. The ledger is kept. A personal organization goes with its account only.',
  caller: 'member',
  action: 'organization.delete',
  request: { params: OrganizationParams },
  answers: { 204: { description: 'It is gone.', content: {} } },
  refusals: [...MEMBER_REFUSALS, 'conflict'],
});

export const clearOrganizationCache = endpoint({
  method: 'DELETE',
  path: '/v1/organizations/{organization_id}/cache',
  tag: 'organizations',
  summary: 'Forget the answers that all keys of an organization have kept',
  description:
    'Every gateway forgets them within a second. One key’s: `DELETE /v1/keys/{key_id}/cache`.',
  caller: 'member',
  action: 'keys.manage',
  request: { params: OrganizationParams },
  answers: { 204: { description: 'They are gone.', content: {} } },
  refusals: MEMBER_REFUSALS,
});

export const OwnershipTransfer = z.strictObject({
  new_owner_user_id: z.string().min(1).max(64).describe('A member.'),
});

export type OwnershipTransfer = z.output<typeof OwnershipTransfer>;

export const transferOwnership = endpoint({
  method: 'POST',
  path: '/v1/organizations/{organization_id}/transfer-owner',
  tag: 'organizations',
  summary: 'Make another member the owner',
  description: 'The owner so far becomes an admin.',
  caller: 'member',
  action: 'organization.transfer',
  request: { params: OrganizationParams, body: { 'application/json': OwnershipTransfer } },
  answers: {
    200: {
      description: 'The organization, with the caller’s new role.',
      content: { 'application/json': Organization },
    },
  },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS, 'conflict'],
});
