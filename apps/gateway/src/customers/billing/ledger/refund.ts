import { nanoUsd } from '@sealgate/contract';
import { and, eq, gt } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { generations, inTenant, violates, type Transaction } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { countInBudgets, type BudgetMove } from '../holds/budget-moves.ts';
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
      const charge = await findCharge(transaction, { organizationId, generationId });
      const booked = await bookCorrection(transaction, ctx, {
        organizationId,
        kind: 'refund',
        amountNano: nanoUsd(charge.spentNano),
        from: 'revenue',
        reason,
        requestId: generationId,
      });
      await countInBudgets(transaction, { ...charge, spentNano: 0n - charge.spentNano });
      return booked;
    });
  } catch (error) {
    if (!violates(error, 'ledger_entries_once_per_request')) throw error;
    throw new Refusal('conflict', { message: 'This generation was given back before.' });
  }
}

/** What the generation cost, and in whose budgets it counts. */
async function findCharge(
  transaction: Transaction,
  { organizationId, generationId }: Omit<Refund, 'reason'>,
): Promise<BudgetMove> {
  const [charged] = await transaction
    .select()
    .from(generations)
    .where(
      and(
        eq(generations.organizationId, organizationId),
        eq(generations.id, generationId),
        gt(generations.costNano, 0n),
      ),
    );
  if (charged === undefined) {
    throw new Refusal('not_found', { message: 'No such generation was paid for.' });
  }
  const { keyId, userId, month, costNano } = charged;
  return {
    organizationId,
    keyId,
    userId: userId ?? undefined,
    month: month ?? '',
    heldNano: 0n,
    spentNano: costNano,
  };
}
