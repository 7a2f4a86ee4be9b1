import { desc, eq, getTableColumns } from 'drizzle-orm';
import { apiKeys, type Db } from '../../platform/db/index.ts';

/** A key as its owner sees it: everything but the secret's hash. */
export type ListedKey = Omit<typeof apiKeys.$inferSelect, 'secretHash'>;

const { secretHash: _secretHash, ...shown } = getTableColumns(apiKeys);

/** Newest first. */
export function listKeys(db: Db, organizationId: string): Promise<ListedKey[]> {
  return db
    .select(shown)
    .from(apiKeys)
    .where(eq(apiKeys.organizationId, organizationId))
    .orderBy(desc(apiKeys.id));
}
