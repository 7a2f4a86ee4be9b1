export {
  createPersonalOrganization,
  insertPersonalOrganization,
  type NewPersonalOrganization,
  type Organization,
} from './create.ts';
export { findFirstOrganization } from './find-first.ts';
