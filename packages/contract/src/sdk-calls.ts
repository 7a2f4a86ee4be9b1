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
};
