import type { invitations } from '../../platform/db/index.ts';

export type StoredInvitation = typeof invitations.$inferSelect;

export interface Invitation {
  readonly id: string;
  readonly organizationId: string;
  readonly email: string | null;
  readonly role: 'admin' | 'developer';
  readonly status: 'pending' | 'accepted' | 'revoked' | 'expired';
  readonly invitedBy: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export function seenAt(nowMs: number, stored: StoredInvitation): Invitation {
  const { id, organizationId, email, role, invitedBy, createdAt, expiresAt } = stored;
  const status = statusOf(stored, nowMs);
  return { id, organizationId, email, role, status, invitedBy, createdAt, expiresAt };
}

function statusOf(stored: StoredInvitation, nowMs: number): Invitation['status'] {
  if (stored.acceptedAt !== null) return 'accepted';
  if (stored.revokedAt !== null) return 'revoked';
  return stored.expiresAt.getTime() <= nowMs ? 'expired' : 'pending';
}
