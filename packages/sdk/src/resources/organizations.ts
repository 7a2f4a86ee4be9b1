import type { RequestOptions } from '../transport.ts';
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
}

/** Who belongs together and pays together. */
export interface Organization {
  org_id: string;
  name: string;
  /** Every account has one of its own: `personal`. */
  kind: 'personal' | 'team';
  /** The caller's role in it. */
  role: 'developer' | 'admin' | 'owner';
  /** IANA name; months of caps and invoices begin in it. */
  time_zone: string;
  /** RFC 3339. */
  created_at: string;
}

/** The answer of {@link Organizations.create}. */
export interface CreatedOrganization {
  organization: Organization;
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
}
