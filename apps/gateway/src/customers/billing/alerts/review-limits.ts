import { eq } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { memberships, wallets, type Transaction } from '../../../platform/db/index.ts';
import { readMonth } from '../quotas/read-month.ts';
import { raiseAlerts } from './raise-alerts.ts';
import type { TouchedBudget } from './touched.ts';

export type Limit = Pick<TouchedBudget, 'scope' | 'subject'>;

/**
 * Raises what is due now that somebody has changed limits or what is told of them. Without it a cap that was set below what is
 * spent would never be told of: nothing is spent under it any more. The wallet is held, so that a charge comes before or
 * after.
 */
export async function reviewLimits(
  transaction: Transaction,
  ctx: Context,
  organizationId: string,
  limits: readonly Limit[],
): Promise<void> {
  await transaction
    .select()
    .from(wallets)
    .where(eq(wallets.organizationId, organizationId))
    .for('update');
  const month = await readMonth(transaction, ctx, organizationId);
  const budgets = limits.map((limit) => ({ ...limit, organizationId, month }));
  await raiseAlerts(transaction, ctx, { budgets, wallets: [organizationId] });
}

/** Everything that is told by the organization's own settings. */
export async function reviewOrganization(
  transaction: Transaction,
  ctx: Context,
  organizationId: string,
): Promise<void> {
  const members = await transaction
    .select({ subject: memberships.userId })
    .from(memberships)
    .where(eq(memberships.organizationId, organizationId));
  await reviewLimits(transaction, ctx, organizationId, [
    { scope: 'organization', subject: organizationId },
    ...members.map(({ subject }) => ({ scope: 'member' as const, subject })),
  ]);
}
