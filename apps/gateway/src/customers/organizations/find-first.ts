import { asc } from 'drizzle-orm';
import { organizations, type Transaction } from '../../platform/db/index.ts';
import type { StoredOrganization } from './insert.ts';

/** The oldest organization: whom commands act for unless told otherwise. */
export async function findFirstOrganization(
  transaction: Transaction,
): Promise<StoredOrganization | undefined> {
  const [first] = await transaction
    .select()
    .from(organizations)
    .orderBy(asc(organizations.id))
    .limit(1);
  return first;
}
