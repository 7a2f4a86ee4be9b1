import {
  ENDPOINTS,
  printUsd,
  type AuditEntry as PrintedEntry,
  type Invitation as PrintedInvitation,
  type Member as PrintedMember,
} from '@sealgate/contract';
import {
  acceptInvitation,
  inviteMember,
  listInvitations,
  listMembers,
  readAuditLog,
  removeMember,
  retrieveInvitation,
  revokeInvitation,
  updateMember,
  type AuditEntry,
  type Invitation,
  type Member,
} from '../../customers/organizations/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';
import { printOrganization } from './organizations.ts';
import { printLimit, readLimit } from './spend-limit.ts';

export function addMemberRoutes(addRoute: AddRoute): void {
  addRoute(ENDPOINTS.listMembers, async (ctx, { query }) =>
    printList(await listMembers(ctx, query), printMember),
  );
  addRoute(ENDPOINTS.updateMember, async (ctx, { params, body }) =>
    printMember(
      await updateMember(ctx, {
        userId: params.user_id,
        role: body.role,
        monthlySpendQuotaNano: readLimit(body.monthly_spend_quota_usd),
      }),
    ),
  );
  addRoute(ENDPOINTS.removeMember, (ctx, { params }) =>
    removeMember(ctx, { userId: params.user_id }),
  );
  addRoute(ENDPOINTS.readAuditLog, async (ctx, { query }) =>
    printList(await readAuditLog(ctx, query), printEntry),
  );
  addInvitationRoutes(addRoute);
}

function addInvitationRoutes(addRoute: AddRoute): void {
  addRoute(ENDPOINTS.inviteMember, async (ctx, { body }) =>
    printInvitation(await inviteMember(ctx, body)),
  );
  addRoute(ENDPOINTS.listInvitations, async (ctx, { query }) =>
    printList(await listInvitations(ctx, query), printInvitation),
  );
  addRoute(ENDPOINTS.retrieveInvitation, async (ctx, { params }) =>
    printInvitation(await retrieveInvitation(ctx, { id: params.invitation_id })),
  );
  addRoute(ENDPOINTS.revokeInvitation, (ctx, { params }) =>
    revokeInvitation(ctx, { id: params.invitation_id }),
  );
  addRoute(ENDPOINTS.acceptInvitation, async (ctx, { params }) => ({
    organization: printOrganization(await acceptInvitation(ctx, params)),
  }));
}

const printMember = (member: Member): PrintedMember => ({
  user_id: member.userId,
  email: member.email,
  full_name: member.fullName,
  role: member.role,
  monthly_spend_quota_usd: printLimit(member.monthlySpendQuotaNano),
  spend_this_month_usd: printUsd(member.spendThisMonthNano),
  joined_at: member.joinedAt.toISOString(),
});

const printInvitation = (invitation: Invitation): PrintedInvitation => ({
  invitation_id: invitation.id,
  org_id: invitation.organizationId,
  email: invitation.email,
  role: invitation.role,
  status: invitation.status,
  invited_by: invitation.invitedBy,
  created_at: invitation.createdAt.toISOString(),
  expires_at: invitation.expiresAt.toISOString(),
});

const printEntry = (entry: AuditEntry): PrintedEntry => ({
  id: entry.id,
  action: entry.action,
  subject: entry.subject,
  actor: { kind: entry.actorKind, id: entry.actorId },
  address: entry.address,
  details: entry.details,
  created_at: entry.createdAt.toISOString(),
});
