import { z } from 'zod';
import {
  BODY_REFUSALS,
  CREATION_REFUSALS,
  endpoint,
  MEMBER_REFUSALS,
  SESSION_REFUSALS,
} from './endpoint.ts';
import { CreatedOrganization, monthlyQuota, OrganizationParams, quota } from './organizations.ts';
import { ROLES } from './roles.ts';
import { email, id, listOf, PageQuery, time } from './values.ts';

/** Everything but `owner`: that one is transferred. */
const givenRole = z.enum(['admin', 'developer']);

export const Member = z.object({
  user_id: id('usr'),
  email: z.string().nullable(),
  full_name: z.string().nullable(),
  role: z.enum(ROLES),
  ...quota,
  joined_at: time(),
});

export type Member = z.output<typeof Member>;

export const MemberList = listOf(Member);

export type MemberList = z.output<typeof MemberList>;

export const MemberChange = z
  .strictObject({
    role: givenRole.optional(),
    monthly_spend_quota_usd: monthlyQuota()
      .nullable()
      .optional()
      .describe('For everything that keys of this member spend in a calendar month.'),
  })
  .refine((change) => Object.keys(change).length > 0, 'Send role or monthly_spend_quota_usd');

export type MemberChange = z.output<typeof MemberChange>;

const MemberParams = OrganizationParams.extend({ user_id: id('usr') });

export const listMembers = endpoint({
  method: 'GET',
  path: '/v1/organizations/{organization_id}/members',
  tag: 'organizations',
  summary: 'List the members',
  description: 'In the order of joining.',
  caller: 'member',
  action: 'members.list',
  request: { params: OrganizationParams, query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': MemberList } } },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const updateMember = endpoint({
  method: 'PATCH',
  path: '/v1/organizations/{organization_id}/members/{user_id}',
  tag: 'organizations',
  summary: 'Change a member’s role or quota',
  description: 'Only the owner says who is an admin. A quota binds everybody, the owner too.',
  caller: 'member',
  action: 'developers.manage',
  request: { params: MemberParams, body: { 'application/json': MemberChange } },
  answers: { 200: { description: 'As it is now.', content: { 'application/json': Member } } },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS, 'last_owner'],
});

export const removeMember = endpoint({
  method: 'DELETE',
  path: '/v1/organizations/{organization_id}/members/{user_id}',
  tag: 'organizations',
  summary: 'Remove a member, or leave',
  description: 'The keys that the member made for the organization are revoked.',
  caller: 'member',
  action: 'members.list',
  request: { params: MemberParams },
  answers: { 204: { description: 'No member any more.', content: {} } },
  refusals: [...MEMBER_REFUSALS, 'last_owner'],
});

export const NewInvitation = z.strictObject({ email: email(), role: givenRole });

export type NewInvitation = z.output<typeof NewInvitation>;

export const Invitation = z.object({
  invitation_id: id('inv'),
  org_id: id('org'),
  email: z.string().nullable(),
  role: givenRole,
  status: z.enum(['pending', 'accepted', 'revoked', 'expired']),
  invited_by: z.string().nullable().describe('The member who invited.'),
  created_at: time(),
  expires_at: time(),
});

export type Invitation = z.output<typeof Invitation>;

export const InvitationList = listOf(Invitation);

export type InvitationList = z.output<typeof InvitationList>;

const InvitationParams = OrganizationParams.extend({ invitation_id: id('inv') });

export const inviteMember = endpoint({
  method: 'POST',
  path: '/v1/organizations/{organization_id}/invitations',
  tag: 'organizations',
  summary: 'Invite somebody by e-mail',
  description:
    'The mail holds a link for seven days. A new invitation of the same address replaces the one before. Only the owner invites admins.',
  caller: 'member',
  action: 'developers.manage',
  request: { params: OrganizationParams, body: { 'application/json': NewInvitation } },
  answers: { 201: { description: 'Invited.', content: { 'application/json': Invitation } } },
  refusals: [...MEMBER_REFUSALS, ...CREATION_REFUSALS, 'conflict'],
});

export const listInvitations = endpoint({
  method: 'GET',
  path: '/v1/organizations/{organization_id}/invitations',
  tag: 'organizations',
  summary: 'List the invitations',
  description: 'The newest first.',
  caller: 'member',
  action: 'developers.manage',
  request: { params: OrganizationParams, query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': InvitationList } } },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const retrieveInvitation = endpoint({
  method: 'GET',
  path: '/v1/organizations/{organization_id}/invitations/{invitation_id}',
  tag: 'organizations',
  summary: 'Describe an invitation',
  caller: 'member',
  action: 'developers.manage',
  request: { params: InvitationParams },
  answers: { 200: { description: 'The invitation.', content: { 'application/json': Invitation } } },
  refusals: MEMBER_REFUSALS,
});

export const revokeInvitation = endpoint({
  method: 'DELETE',
  path: '/v1/organizations/{organization_id}/invitations/{invitation_id}',
  tag: 'organizations',
  summary: 'Take an invitation back',
  caller: 'member',
  action: 'developers.manage',
  request: { params: InvitationParams },
  answers: { 204: { description: 'Its link opens nothing.', content: {} } },
  refusals: [...MEMBER_REFUSALS, 'conflict'],
});

export const acceptInvitation = endpoint({
  method: 'POST',
  path: '/v1/invitations/{token}/accept',
  tag: 'organizations',
  summary: 'Accept an invitation',
  description: 'By the person whose e-mail address was invited. Accepting again changes nothing.',
  caller: 'session',
  request: { params: z.object({ token: z.string().regex(/^[\w-]{43}$/) }) },
  answers: {
    200: {
      description: 'The organization, with the caller’s role.',
      content: { 'application/json': CreatedOrganization },
    },
  },
  refusals: SESSION_REFUSALS,
});

export const AuditEntry = z.object({
  id: z.string(),
  action: z.string().describe('E.g. `member.remove`.'),
  subject: z.string().describe('The id of what it was done to.'),
  actor: z.object({
    kind: z.enum(['user', 'key', 'operator', 'system', 'anonymous']),
    id: z.string().nullable(),
  }),
  address: z.string().nullable().describe('Where the request came from.'),
  details: z.record(z.string(), z.unknown()),
  created_at: time(),
});

export type AuditEntry = z.output<typeof AuditEntry>;

export const AuditLog = listOf(AuditEntry);

export type AuditLog = z.output<typeof AuditLog>;

export const readAuditLog = endpoint({
  method: 'GET',
  path: '/v1/organizations/{organization_id}/audit-log',
  tag: 'organizations',
  summary: 'Read who did what, when and from where',
  description: 'The newest first. Nothing in it can be changed.',
  caller: 'member',
  action: 'audit.read',
  request: { params: OrganizationParams, query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': AuditLog } } },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});
