import { desc, eq, getTableColumns } from 'drizzle-orm';
import { apiKeys, inTenant, type Stored } from '../../platform/db/index.ts';

/** A key as its owner sees it: everything but secrets. */
export type ListedKey = Omit<typeof apiKeys.$inferSelect, 'secretHash' | 'alertWebhookSecret'>;

const {
  secretHash: _secretHash,
  alertWebhookSecret: _alertWebhookSecret,
  ...shown
} = getTableColumns(apiKeys);

/** Newest first. */
export function listKeys(store: Stored, organizationId: string): Promise<ListedKey[]> {
  return inTenant(store, organizationId, (transaction) =>
    transaction
      .select(shown)
      .from(apiKeys)
      .where(eq(apiKeys.organizationId, organizationId))
      .orderBy(desc(apiKeys.id)),
  );
}
