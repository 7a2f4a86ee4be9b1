import type { Role } from '@sealgate/contract';
import type { StoredOrganization } from './insert.ts';

/** An organization as one of its members sees it. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly kind: 'personal' | 'team';
  readonly role: Role;
  readonly timeZone: string;
  readonly createdAt: Date;
}

export function seenAs(role: Role, stored: StoredOrganization): Organization {
  const { id, name, kind, timeZone, createdAt } = stored;
  return { id, name, kind, role, timeZone, createdAt };
}
