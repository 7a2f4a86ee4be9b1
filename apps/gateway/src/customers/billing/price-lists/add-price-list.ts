import { sql } from 'drizzle-orm';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { inSystem, priceLists, violates } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { judgeReason } from '../judge-reason.ts';
import { priceListOf, printPriceList, type PriceListFields } from '../pricing/list-fields.ts';
import { readSchedule, storedListOf, type StoredList } from './read-price-lists.ts';
import { inOrder, listAt, type ScheduledList } from './timeline.ts';

export interface NewPriceList {
  /** `undefined`: now. */
  readonly effectiveFromMs: number | undefined;
  /** What is absent stays as in the list that would be in force at that moment. */
  readonly fields: PriceListFields;
  readonly reason: string;
}

/**
 * Charges by other prices from a moment on. Every gateway hears of it by the database. Price lists are the installation's:
 * hence past all scopes.
 */
export async function addPriceList(
  ctx: Context,
  /** Those of `sealgate.yaml`, which can be in force at that moment too. */
  fileLists: readonly ScheduledList[],
  { effectiveFromMs: wantedMs, fields, reason }: NewPriceList,
): Promise<StoredList> {
  const nowMs = ctx.clock();
  const effectiveFromMs = wantedMs ?? nowMs;
  if (effectiveFromMs < nowMs) {
    throw new Refusal('invalid_request_error', {
      message: 'A price list takes effect now or later: what was charged stays as it is.',
      param: 'effective_from',
    });
  }
  try {
    return await inSystem(ctx, async (transaction) => {
      // What is absent depends on the other lists: whoever adds one waits for who did before.
      await transaction.execute(sql`lock table price_lists in share row exclusive mode`);
      const others = inOrder([...fileLists, ...(await readSchedule(transaction))]);
      const list = priceListOf(fields, listAt(others, effectiveFromMs).list);
      const [row] = await transaction
        .insert(priceLists)
        .values({
          id: ctx.newId('priceList'),
          effectiveFrom: new Date(effectiveFromMs),
          content: printPriceList(list),
          reason: judgeReason(reason),
          createdAt: new Date(nowMs),
        })
        .returning();
      if (row === undefined) throw new Error('impossible: what was inserted is missing');
      await recordDeed(transaction, ctx, {
        action: 'price_list.create',
        subject: row.id,
        organizationId: null,
        details: {
          effectiveFrom: row.effectiveFrom.toISOString(),
          content: row.content,
          reason: row.reason,
        },
      });
      return storedListOf(row);
    });
  } catch (error) {
    if (!violates(error, 'price_lists_one_for_each_moment')) throw error;
    throw new Refusal('conflict', {
      message: 'Another price list takes effect at this very moment. Cancel it first.',
    });
  }
}
