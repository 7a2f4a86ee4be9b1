import { and, desc, eq, lt } from 'drizzle-orm';
import type { Context } from '../../platform/context.ts';
import { apiKeys, inTenant, type Stored } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';
import { Refusal } from '../../platform/refusal.ts';
import { SHOWN_COLUMNS, type KeyInUse, type KeyReference, type ListedKey } from './key.ts';
import { withSpend } from './spend.ts';

/** All of them, newest first. */
export function listKeys(store: Stored, organizationId: string): Promise<ListedKey[]> {
  return inTenant(store, organizationId, (transaction) =>
    transaction
      .select(SHOWN_COLUMNS)
      .from(apiKeys)
      .where(eq(apiKeys.organizationId, organizationId))
      .orderBy(desc(apiKeys.id)),
  );
}

/** One page, newest first, with what each has spent. */
export function listKeysInUse(
  ctx: Context,
  organizationId: string,
  page: PageRequest,
): Promise<Page<KeyInUse>> {
  return inTenant(ctx, organizationId, async (transaction) => {
    const rows = await transaction
      .select(SHOWN_COLUMNS)
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.organizationId, organizationId),
          page.after === undefined ? undefined : lt(apiKeys.id, page.after),
        ),
      )
      .orderBy(desc(apiKeys.id))
      .limit(page.limit + 1);
    return cutPage(await withSpend(transaction, ctx, rows), page);
  });
}

export function retrieveKey(ctx: Context, { id, organizationId }: KeyReference): Promise<KeyInUse> {
  return inTenant(ctx, organizationId, async (transaction) => {
    const rows = await transaction
      .select(SHOWN_COLUMNS)
      .from(apiKeys)
      .where(and(eq(apiKeys.id, id), eq(apiKeys.organizationId, organizationId)));
    const [key] = await withSpend(transaction, ctx, rows);
    if (key === undefined) throw new Refusal('not_found', { message: 'There is no such key.' });
    return key;
  });
}
