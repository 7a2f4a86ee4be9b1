import { asc, isNull } from 'drizzle-orm';
import { inSystem, priceLists, type Stored, type Transaction } from '../../../platform/db/index.ts';
import { priceListOf, PriceListFields } from '../pricing/list-fields.ts';
import type { ScheduledList } from './timeline.ts';

export interface StoredList extends ScheduledList {
  readonly id: string;
  readonly reason: string;
  readonly createdAt: Date;
  readonly canceledAt: Date | undefined;
  readonly cancelReason: string | undefined;
}

export const storedListOf = (row: typeof priceLists.$inferSelect): StoredList => ({
  id: row.id,
  effectiveFromMs: row.effectiveFrom.getTime(),
  list: priceListOf(PriceListFields.parse(row.content)),
  reason: row.reason,
  createdAt: row.createdAt,
  canceledAt: row.canceledAt ?? undefined,
  cancelReason: row.cancelReason ?? undefined,
});

/** Also those that were canceled. Lists are the installation's, and no organization's: hence past all scopes. */
export const readPriceLists = (database: Stored): Promise<readonly StoredList[]> =>
  inSystem(database, async (transaction) => {
    const rows = await transaction.select().from(priceLists).orderBy(asc(priceLists.effectiveFrom));
    return rows.map(storedListOf);
  });

/** Those that have taken effect or will. */
export async function readSchedule(transaction: Transaction): Promise<readonly StoredList[]> {
  const rows = await transaction.select().from(priceLists).where(isNull(priceLists.canceledAt));
  return rows.map(storedListOf);
}
