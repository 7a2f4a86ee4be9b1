import { type NanoUsd, nanoUsd } from '@sealgate/contract';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import type { Transaction } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { judgeReason } from '../judge-reason.ts';
import { bookTransfer, type BookedTransfer, type Transfer } from './book-transfer.ts';

export interface Correction {
  readonly organizationId: string;
  readonly amountNano: NanoUsd;
  /** For the organization to read. */
  readonly reason: string;
}

/** A billion dollars: whoever types more has mistyped. */
const AMOUNT_LIMIT_NANO = nanoUsd(1_000_000_000n * 1_000_000_000n);

/** Books what a person has decided, with its audit row. */
export async function bookCorrection(
  transaction: Transaction,
  ctx: Context,
  { reason, ...transfer }: Transfer & { readonly reason: string },
): Promise<BookedTransfer> {
  const booked = await bookTransfer(transaction, ctx, { ...transfer, reason: judgeReason(reason) });
  await recordDeed(transaction, ctx, {
    action: `wallet.${transfer.kind}`,
    subject: booked.id,
    organizationId: transfer.organizationId,
    details: { amountNano: transfer.amountNano.toString(), requestId: transfer.requestId },
  });
  return booked;
}

export function judgeAmount(amountNano: NanoUsd): void {
  const isTooMuch = amountNano >= AMOUNT_LIMIT_NANO || amountNano <= 0n - AMOUNT_LIMIT_NANO;
  if (amountNano !== 0n && !isTooMuch) return;
  throw new Refusal('invalid_request_error', {
    message: 'The amount must be neither zero nor a billion dollars.',
    param: 'amount',
  });
}
