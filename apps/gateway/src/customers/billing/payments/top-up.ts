import { and, eq } from 'drizzle-orm';
import { topUps, type Transaction } from '../../../platform/db/index.ts';

export type TopUp = typeof topUps.$inferSelect;
export type TopUpStatus = TopUp['status'];

export const isThisTopUp = ({ organizationId, id }: Pick<TopUp, 'organizationId' | 'id'>) =>
  and(eq(topUps.id, id), eq(topUps.organizationId, organizationId));

/** Nobody else changes it until the transaction has ended. */
export async function lockTopUp(
  transaction: Transaction,
  topUp: Pick<TopUp, 'organizationId' | 'id'>,
): Promise<TopUp> {
  const [row] = await transaction.select().from(topUps).where(isThisTopUp(topUp)).for('update');
  if (row === undefined) throw new Error(`impossible: ${topUp.id} is gone`);
  return row;
}
