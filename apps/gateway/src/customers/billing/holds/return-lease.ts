import { and, eq, inArray, sql, type SQL } from 'drizzle-orm';
import {
  budgetLeases,
  inTenant,
  type Stored,
  type Transaction,
} from '../../../platform/db/index.ts';
import { lockWallet, lockWallets, moveBudgets, type BudgetMove } from './budget-moves.ts';

/** Heard by every gateway: `wanted org_…` and `returned org_…`. */
export const BUDGET_CHANNEL = 'budget';

export interface LeaseReturn {
  readonly organizationId: string;
  readonly leaseId: string;
  readonly amountNano: bigint;
  /** From now on the lease holds only what running requests need. */
  readonly isExact: boolean;
}

/** Gives back a part of a lease. */
export function returnPart(store: Stored, part: LeaseReturn): Promise<void> {
  const { organizationId, leaseId, amountNano, isExact } = part;
  return inTenant(store, organizationId, async (transaction) => {
    await lockWallet(transaction, organizationId);
    const isThis = eq(budgetLeases.id, leaseId);
    const [lease] = await transaction.select().from(budgetLeases).where(isThis);
    // Another gateway took it for dead and gave it back already.
    if (lease === undefined) return;
    const { outstandingNano } = lease;
    const returnedNano = amountNano < outstandingNano ? amountNano : outstandingNano;
    await transaction
      .update(budgetLeases)
      .set({ isExact, outstandingNano: outstandingNano - returnedNano })
      .where(isThis);
    await moveBudgets(transaction, [moveOf(lease, returnedNano)]);
    await announceReturn(transaction, [organizationId]);
  });
}

/** Ends leases of one organization: whatever of them was not charged is free again. */
export function endLeases(
  store: Stored,
  organizationId: string,
  leaseIds: readonly string[],
): Promise<number> {
  return inTenant(store, organizationId, (transaction) =>
    removeLeases(transaction, inArray(budgetLeases.id, [...leaseIds])),
  );
}

/** How many of them had money left? */
export async function removeLeases(transaction: Transaction, which: SQL): Promise<number> {
  const owners = await transaction
    .selectDistinct({ organizationId: budgetLeases.organizationId })
    .from(budgetLeases)
    .where(which);
  const organizationIds = owners.map(({ organizationId }) => organizationId);
  await lockWallets(transaction, organizationIds);
  const rows = await transaction
    .delete(budgetLeases)
    .where(and(which, inArray(budgetLeases.organizationId, organizationIds)))
    .returning();
  const moves = rows
    .filter(({ outstandingNano }) => outstandingNano > 0n)
    .map((lease) => moveOf(lease, lease.outstandingNano));
  await moveBudgets(transaction, moves);
  await announceReturn(transaction, organizationIds);
  return moves.length;
}

const moveOf = (
  { organizationId, keyId, userId, month }: typeof budgetLeases.$inferSelect,
  returnedNano: bigint,
): BudgetMove => ({
  organizationId,
  keyId,
  userId: userId ?? undefined,
  month,
  heldNano: 0n - returnedNano,
  spentNano: 0n,
});

/** Sent at the commit: who hears it finds the money. */
async function announceReturn(
  transaction: Transaction,
  organizationIds: readonly string[],
): Promise<void> {
  if (organizationIds.length === 0) return;
  await transaction.execute(sql`
    select pg_notify(${BUDGET_CHANNEL}, 'returned ' || id)
    from unnest(${sql.param([...organizationIds])}::text[]) as id`);
}
