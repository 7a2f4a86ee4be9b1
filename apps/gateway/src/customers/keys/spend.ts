import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { and, eq, gte, inArray, sql } from 'drizzle-orm';
import type { Context } from '../../platform/context.ts';
import { generations, organizations, type Transaction } from '../../platform/db/index.ts';
import type { KeyInUse, ListedKey } from './key.ts';

/** Adds what each key spent since the month began in the organization's time zone. All are of this organization. */
export async function withSpend(
  transaction: Transaction,
  { clock }: Pick<Context, 'clock'>,
  keys: readonly ListedKey[],
): Promise<KeyInUse[]> {
  const [first] = keys;
  if (first === undefined) return [];
  const { organizationId } = first;
  const now = new Date(clock()).toISOString();
  const spends = await transaction
    .select({
      keyId: generations.keyId,
      nano: sql<string>`sum(${generations.costNano})::text`,
    })
    .from(generations)
    .where(
      and(
        eq(generations.organizationId, organizationId),
        inArray(
          generations.keyId,
          keys.map(({ id }) => id),
        ),
        gte(
          generations.startedAt,
          sql`(select date_trunc('month', ${now}::timestamptz, ${organizations.timeZone})
            from ${organizations} where ${organizations.id} = ${organizationId})`,
        ),
      ),
    )
    .groupBy(generations.keyId);
  const nanoByKey = new Map<string, NanoUsd>(
    spends.map(({ keyId, nano }) => [keyId, nanoUsd(BigInt(nano))]),
  );
  return keys.map((key) => ({
    ...key,
    spendThisMonthNano: nanoByKey.get(key.id) ?? nanoUsd(0n),
  }));
}
