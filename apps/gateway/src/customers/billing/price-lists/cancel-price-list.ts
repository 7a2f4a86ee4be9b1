import { eq } from 'drizzle-orm';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { inSystem, priceLists } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { judgeReason } from '../judge-reason.ts';

/**
 * So that every gateway has heard of it: one that has not had the database for so long admits nothing any more, because what
 * it may spend without asking is over after 25 seconds (decision 12).
 */
const NOTICE_MS = 60_000;

/** Takes back a price list that has not taken effect. Lists are the installation's: hence past all scopes. */
export function cancelPriceList(
  ctx: Context,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<void> {
  return inSystem(ctx, async (transaction) => {
    const [row] = await transaction
      .select()
      .from(priceLists)
      .where(eq(priceLists.id, id))
      .for('update');
    if (row === undefined) throw new Refusal('not_found', { message: 'There is no such list.' });
    if (row.canceledAt !== null) {
      throw new Refusal('conflict', { message: 'This price list was canceled before.' });
    }
    if (row.effectiveFrom.getTime() - ctx.clock() < NOTICE_MS) {
      throw new Refusal('conflict', {
        message:
          'This price list has taken effect, or will within a minute. Set another one that takes over from it.',
      });
    }
    const cancelReason = judgeReason(reason);
    await transaction
      .update(priceLists)
      .set({ canceledAt: new Date(ctx.clock()), cancelReason })
      .where(eq(priceLists.id, id));
    await recordDeed(transaction, ctx, {
      action: 'price_list.cancel',
      subject: id,
      organizationId: null,
      details: { effectiveFrom: row.effectiveFrom.toISOString(), reason: cancelReason },
    });
  });
}
