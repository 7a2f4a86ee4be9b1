import type { Context } from '../../platform/context.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { readSpent } from '../billing/index.ts';
import type { KeyInUse, ListedKey } from './key.ts';

/** Adds what each key spent since the month began in the organization's time zone. All are of this organization. */
export async function withSpend(
  transaction: Transaction,
  ctx: Pick<Context, 'clock'>,
  keys: readonly ListedKey[],
): Promise<KeyInUse[]> {
  const spentBy = await readSpent(transaction, ctx, {
    organizationIds: [...new Set(keys.map(({ organizationId }) => organizationId))],
    scope: 'key',
    subjects: keys.map(({ id }) => id),
  });
  return keys.map((key) => ({ ...key, spendThisMonthNano: spentBy(key.id) }));
}
