import type { Context } from '../../../platform/context.ts';
import { inTenant } from '../../../platform/db/index.ts';
import type { BookedTransfer } from './book-transfer.ts';
import { bookCorrection, judgeAmount, type Correction } from './correction.ts';

/** Gives or takes what no payment and no request is behind. The wallet may sink below zero. */
export async function adjust(ctx: Context, correction: Correction): Promise<BookedTransfer> {
  judgeAmount(correction.amountNano);
  return inTenant(ctx, correction.organizationId, (transaction) =>
    bookCorrection(transaction, ctx, { ...correction, kind: 'adjustment', from: 'adjustments' }),
  );
}
