import type { NanoUsd } from '@sealgate/contract';
import { eq, sql } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { ledgerEntries, wallets, type Transaction } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { raiseAlerts } from '../alerts/raise-alerts.ts';

type StoredEntry = typeof ledgerEntries.$inferSelect;

export interface Transfer {
  readonly organizationId: string;
  readonly kind: Exclude<StoredEntry['kind'], 'start_credit' | 'usage'>;
  /** What the wallet gains; below zero: what it loses. */
  readonly amountNano: NanoUsd;
  /** The account that loses it. */
  readonly from: Exclude<StoredEntry['account'], 'wallet' | 'held'>;
  /** For the organization to read. Nothing where no person has decided. */
  readonly reason?: string | undefined;
  readonly requestId?: string | undefined;
}

export interface BookedTransfer {
  readonly id: string;
  readonly amountNano: NanoUsd;
  /** Of the wallet, after it. */
  readonly balanceNano: bigint;
}

/** Both sides of a transfer and the wallet's balance, which comes first: its lock puts transfers in order. */
export async function bookTransfer(
  transaction: Transaction,
  ctx: Context,
  { from, amountNano, ...shared }: Transfer,
): Promise<BookedTransfer> {
  const [wallet] = await transaction
    .update(wallets)
    .set({ balanceNano: sql`${wallets.balanceNano} + ${amountNano}` })
    .where(eq(wallets.organizationId, shared.organizationId))
    .returning();
  if (wallet === undefined) {
    throw new Refusal('not_found', { message: 'There is no such organization.' });
  }
  const { balanceNano } = wallet;
  const transferId = ctx.newId('transfer');
  const entry = { ...shared, transferId, createdAt: new Date(ctx.clock()) };
  const id = (): string => ctx.newId('ledgerEntry');
  await transaction.insert(ledgerEntries).values([
    { ...entry, id: id(), account: 'wallet', amountNano, balanceNano },
    { ...entry, id: id(), account: from, amountNano: 0n - amountNano },
  ]);
  await raiseAlerts(transaction, ctx, { budgets: [], wallets: [shared.organizationId] });
  return { id: transferId, amountNano, balanceNano };
}
