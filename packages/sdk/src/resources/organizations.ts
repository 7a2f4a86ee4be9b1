import type { RequestOptions } from '../transport.ts';
import type {
  AlertDelivery,
  AlertTest,
  ChangedOrganizationAlerts,
  OrganizationAlerts,
  OrganizationAlertsChange,
} from './alert.ts';
import type { Answering } from './answering.ts';
import { at } from './calls.ts';
import type { Calls } from './calls.ts';
import type { Listing, PageParams } from './listing.ts';

/** The body of {@link Organizations.create}. */
export interface NewOrganization {
  /** 1 to 100 characters. */
  readonly name: string;
}

/** The body of {@link Organizations.update}. */
export interface OrganizationChange {
  readonly name?: string | undefined;
  /** IANA name, such as `Europe/Berlin`. */
  readonly time_zone?: string | undefined;
  /** Decimal text; null takes the quota away. */
  readonly monthly_spend_quota_usd?: string | null | undefined;
}

/** Who belongs together and pays together. */
export interface Organization {
  org_id: string;
  name: string;
  /** Every account has one of its own: `personal`. */
  kind: 'personal' | 'team';
  /** The caller's role in it. */
  role: 'developer' | 'admin' | 'owner';
  /** IANA name; months of caps, quotas and invoices begin in it. */
  time_zone: string;
  /** Decimal text; null: no quota. */
  monthly_spend_quota_usd: string | null;
  /** Decimal text. */
  spend_this_month_usd: string;
  /** RFC 3339. */
  created_at: string;
}

/** The answer of {@link Organizations.create}. */
export interface CreatedOrganization {
  organization: Organization;
}

/** The body of {@link Organizations.transferOwner}. */
export interface OwnershipTransfer {
  /** A member. */
  readonly new_owner_user_id: string;
}

/** Somebody in an organization. */
export interface Member {
  user_id: string;
  email: string | null;
  full_name: string | null;
  role: 'developer' | 'admin' | 'owner';
  /** Decimal text; null: no quota. */
  monthly_spend_quota_usd: string | null;
  /** Decimal text. */
  spend_this_month_usd: string;
  /** RFC 3339. */
  joined_at: string;
}

/** The body of {@link Organizations.updateMember}: what is named is changed. */
export interface MemberChange {
  /** `owner` is transferred instead. */
  readonly role?: 'admin' | 'developer' | undefined;
  /** Decimal text; null takes the quota away. */
  readonly monthly_spend_quota_usd?: string | null | undefined;
}

/** The body of {@link Organizations.inviteMember}. */
export interface NewInvitation {
  readonly email: string;
  readonly role: 'admin' | 'developer';
}

/** A mail with a link, which makes whoever opens it a member. */
export interface Invitation {
  invitation_id: string;
  org_id: string;
  email: string | null;
  role: 'admin' | 'developer';
  status: 'pending' | 'accepted' | 'revoked' | 'expired';
  /** The member who invited. */
  invited_by: string | null;
  /** RFC 3339. */
  created_at: string;
  /** RFC 3339. */
  expires_at: string;
}

/** A line of the record: who did what, when and from where. */
export interface AuditEntry {
  id: string;
  /** E.g. `member.remove`. */
  action: string;
  /** The id of what it was done to. */
  subject: string;
  actor: { kind: 'user' | 'key' | 'operator' | 'system' | 'anonymous'; id: string | null };
  /** Where the request came from. */
  address: string | null;
  details: Record<string, unknown>;
  /** RFC 3339. */
  created_at: string;
}

/** `client.organizations`. */
export class Organizations {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Creates an organization, which the caller owns. A name alone is enough. */
  create(
    organization: string | NewOrganization,
    options?: RequestOptions,
  ): Answering<CreatedOrganization> {
    const body = typeof organization === 'string' ? { name: organization } : organization;
    return this.#calls.post('/organizations', body, options);
  }

  /** The caller's organizations, the oldest first. */
  list(page: PageParams = {}, options?: RequestOptions): Listing<Organization> {
    return this.#calls.list('/organizations', page, options);
  }

  /** Describes one. */
  get(organizationId: string, options?: RequestOptions): Answering<Organization> {
    return this.#calls.get(at`/organizations/${organizationId}`, options);
  }

  /** Changes what is named. */
  update(
    organizationId: string,
    change: OrganizationChange,
    options?: RequestOptions,
  ): Answering<Organization> {
    return this.#calls.patch(at`/organizations/${organizationId}`, change, options);
  }

  /** Deletes it: its keys stop working at once, its conversations are erased. For the owner. */
  delete(organizationId: string, options?: RequestOptions): Answering<void> {
    return this.#calls.order('DELETE', at`/organizations/${organizationId}`, options);
  }

  /** Forgets the answers that the keys of the organization have kept. */
  clearCache(organizationId: string, options?: RequestOptions): Answering<void> {
    return this.#calls.order('DELETE', at`/organizations/${organizationId}/cache`, options);
  }

  /** Makes another member the owner; the owner so far becomes an admin. */
  transferOwner(
    organizationId: string,
    transfer: OwnershipTransfer,
    options?: RequestOptions,
  ): Answering<Organization> {
    const path = at`/organizations/${organizationId}/transfer-owner`;
    return this.#calls.post(path, transfer, options);
  }

  /** The members in the order of joining. */
  listMembers(
    organizationId: string,
    page: PageParams = {},
    options?: RequestOptions,
  ): Listing<Member> {
    return this.#calls.list(at`/organizations/${organizationId}/members`, page, options);
  }

  /** Changes what is named: the role, or what the member's keys may spend in a calendar month. */
  updateMember(
    organizationId: string,
    userId: string,
    change: MemberChange,
    options?: RequestOptions,
  ): Answering<Member> {
    const path = at`/organizations/${organizationId}/members/${userId}`;
    return this.#calls.patch(path, change, options);
  }

  /** Removes a member, or lets the caller leave. The keys that the member made are revoked. */
  removeMember(organizationId: string, userId: string, options?: RequestOptions): Answering<void> {
    const path = at`/organizations/${organizationId}/members/${userId}`;
    return this.#calls.order('DELETE', path, options);
  }

  /** Sends an invitation, which is open for seven days. */
  inviteMember(
    organizationId: string,
    invitation: NewInvitation,
    options?: RequestOptions,
  ): Answering<Invitation> {
    return this.#calls.post(at`/organizations/${organizationId}/invitations`, invitation, options);
  }

  /** The invitations, the newest first. */
  listInvitations(
    organizationId: string,
    page: PageParams = {},
    options?: RequestOptions,
  ): Listing<Invitation> {
    return this.#calls.list(at`/organizations/${organizationId}/invitations`, page, options);
  }

  /** Describes an invitation. */
  getInvitation(
    organizationId: string,
    invitationId: string,
    options?: RequestOptions,
  ): Answering<Invitation> {
    const path = at`/organizations/${organizationId}/invitations/${invitationId}`;
    return this.#calls.get(path, options);
  }

  /** Takes an invitation back. */
  revokeInvitation(
    organizationId: string,
    invitationId: string,
    options?: RequestOptions,
  ): Answering<void> {
    const path = at`/organizations/${organizationId}/invitations/${invitationId}`;
    return this.#calls.order('DELETE', path, options);
  }

  /** Accepts an invitation, as the person who was invited. `token` is in the mail's link. */
  acceptInvitation(token: string, options?: RequestOptions): Answering<CreatedOrganization> {
    return this.#calls.post(at`/invitations/${token}/accept`, undefined, options);
  }

  /** Who did what, when and from where, the newest first. */
  auditLog(
    organizationId: string,
    page: PageParams = {},
    options?: RequestOptions,
  ): Listing<AuditEntry> {
    return this.#calls.list(at`/organizations/${organizationId}/audit-log`, page, options);
  }

  /** Where the organization's alerts go, and what for. */
  alerts(organizationId: string, options?: RequestOptions): Answering<OrganizationAlerts> {
    return this.#calls.get(at`/organizations/${organizationId}/alerts`, options);
  }

  /** Changes what is named. A new webhook gets a new `signing_secret`, shown in this answer only. */
  updateAlerts(
    organizationId: string,
    change: OrganizationAlertsChange,
    options?: RequestOptions,
  ): Answering<ChangedOrganizationAlerts> {
    return this.#calls.patch(at`/organizations/${organizationId}/alerts`, change, options);
  }

  /** Sends a signed test event to the organization's webhook. */
  testAlerts(organizationId: string, options?: RequestOptions): Answering<AlertTest> {
    return this.#calls.post(at`/organizations/${organizationId}/alerts/test`, undefined, options);
  }

  /** The tries to reach the organization's webhook in the last 30 days, the latest first. */
  alertDeliveries(
    organizationId: string,
    page: PageParams = {},
    options?: RequestOptions,
  ): Listing<AlertDelivery> {
    return this.#calls.list(at`/organizations/${organizationId}/alert-deliveries`, page, options);
  }
}
