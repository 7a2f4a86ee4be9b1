/**
 * How an operation is called with the SDK: shown in the reference, and proved by the SDK's tests. Arguments are the path's
 * parameters, `query` and `body`.
 */
export const SDK_CALLS: Readonly<Record<string, string>> = {
  createChatCompletion: 'chat.completions.create(body)',
  listModels: 'models.list()',
  retrieveModel: 'models.retrieve(id)',
  createEmbeddings: 'embeddings.create(body)',
  createOrganization: 'organizations.create(body)',
  listOrganizations: 'organizations.list(query)',
  retrieveOrganization: 'organizations.get(organization_id)',
  updateOrganization: 'organizations.update(organization_id, body)',
  deleteOrganization: 'organizations.delete(organization_id)',
  transferOwnership: 'organizations.transferOwner(organization_id, body)',
  listMembers: 'organizations.listMembers(organization_id, query)',
  changeMemberRole: 'organizations.changeRole(organization_id, user_id, body)',
  removeMember: 'organizations.removeMember(organization_id, user_id)',
  inviteMember: 'organizations.inviteMember(organization_id, body)',
  listInvitations: 'organizations.listInvitations(organization_id, query)',
  retrieveInvitation: 'organizations.getInvitation(organization_id, invitation_id)',
  revokeInvitation: 'organizations.revokeInvitation(organization_id, invitation_id)',
  acceptInvitation: 'organizations.acceptInvitation(token)',
  readAuditLog: 'organizations.auditLog(organization_id, query)',
};
