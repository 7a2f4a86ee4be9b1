export { createOrganization } from './create.ts';
export { findFirstOrganization } from './find-first.ts';
export { findRole, type PersonIn, type RoleIn } from './find-role.ts';
export {
  insertOrganization,
  type OrganizationToInsert,
  type StoredOrganization,
} from './insert.ts';
export { listOrganizations } from './list.ts';
export type { Organization } from './organization.ts';
export { updateOrganization } from './update.ts';
export { retrieveOrganization } from './retrieve.ts';
