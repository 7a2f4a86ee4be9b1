import type { Context } from '../../../platform/context.ts';
import { inTenant } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import type { BookedTransfer } from './book-transfer.ts';
import { bookCorrection, judgeAmount, type Correction } from './correction.ts';

/** Money that came in past every payment provider, such as a bank transfer. */
export async function credit(ctx: Context, correction: Correction): Promise<BookedTransfer> {
  const { organizationId, amountNano } = correction;
  judgeAmount(amountNano);
  if (amountNano < 0n) {
    throw new Refusal('invalid_request_error', {
      message: 'A credit is above zero. To take something off a wallet, adjust it.',
      param: 'amount',
    });
  }
  return inTenant(ctx, organizationId, (transaction) =>
    bookCorrection(transaction, ctx, { ...correction, kind: 'credit', from: 'clearing' }),
  );
}
