import { asc } from 'drizzle-orm';
import { organizations, type Db, type Transaction } from '../../platform/db/index.ts';
import type { Organization } from './create.ts';

/** The oldest organization: whom commands act for unless told otherwise. */
export async function findFirstOrganization(
  db: Db | Transaction,
): Promise<Organization | undefined> {
  const [first] = await db.select().from(organizations).orderBy(asc(organizations.id)).limit(1);
  return first;
}
