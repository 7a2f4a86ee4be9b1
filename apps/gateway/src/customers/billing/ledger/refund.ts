import { nanoUsd } from '@sealgate/contract';
import { and, eq } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { inTenant, ledgerEntries, violates } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import type { BookedTransfer } from './book-transfer.ts';
import { bookCorrection } from './correction.ts';

export interface Refund {
  readonly organizationId: string;
  readonly generationId: string;
  /** For the organization to read. */
  readonly reason: string;
}

/** Gives back what a generation cost, once. */
export async function refund(
  ctx: Context,
  { organizationId, generationId, reason }: Refund,
): Promise<BookedTransfer> {
  try {
    return await inTenant(ctx, organizationId, async (transaction) => {
      const [charge] = await transaction
        .select({ amountNano: ledgerEntries.amountNano })
        .from(ledgerEntries)
        .where(
          and(
            eq(ledgerEntries.organizationId, organizationId),
            eq(ledgerEntries.requestId, generationId),
            eq(ledgerEntries.kind, 'usage'),
            eq(ledgerEntries.account, 'wallet'),
          ),
        );
      if (charge === undefined) {
        throw new Refusal('not_found', { message: 'No such generation was paid for.' });
      }
      return await bookCorrection(transaction, ctx, {
        organizationId,
        kind: 'refund',
        amountNano: nanoUsd(0n - charge.amountNano),
        from: 'revenue',
        reason,
        requestId: generationId,
      });
    });
  } catch (error) {
    if (!violates(error, 'ledger_entries_once_per_request')) throw error;
    throw new Refusal('conflict', { message: 'This generation was given back before.' });
  }
}
