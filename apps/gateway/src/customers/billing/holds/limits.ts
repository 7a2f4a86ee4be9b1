import { sql } from 'drizzle-orm';
import type { Transaction } from '../../../platform/db/index.ts';
import type { Holder } from './budget-moves.ts';

export type LimitScope = 'wallet' | 'organization' | 'member' | 'key';

/** One of the things that can refuse a request. */
export interface Limit {
  readonly scope: LimitScope;
  readonly limitNano: bigint;
  /** Nothing for a wallet: what was spent is not in it any more. */
  readonly spentNano: bigint;
  readonly heldNano: bigint;
}

export const roomIn = ({ limitNano, spentNano, heldNano }: Limit): bigint =>
  limitNano - spentNano - heldNano;

/** The limit that leaves least. */
export const tightestOf = (limits: readonly [Limit, ...Limit[]]): Limit =>
  limits.reduce((tightest, each) => (roomIn(each) < roomIn(tightest) ? each : tightest));

interface Row extends Record<string, unknown> {
  readonly scope: LimitScope;
  readonly limitNano: string;
  readonly spentNano: string;
  readonly heldNano: string;
}

/** Everything that limits this holder now. The wallet, whose content is passed in, is locked by then. */
export async function readLimits(
  transaction: Transaction,
  holder: Holder,
  wallet: { readonly balanceNano: bigint; readonly heldNano: bigint },
): Promise<readonly [Limit, ...Limit[]]> {
  const { organizationId, userId, keyId, month } = holder;
  const { rows } = await transaction.execute<Row>(sql`
    select limits.scope, "limitNano"::text, coalesce(spent_nano, 0)::text as "spentNano", coalesce(held_nano, 0)::text as "heldNano"
    from (
      select 'organization' as scope, id as subject, monthly_spend_quota_nano as "limitNano"
      from organizations where id = ${organizationId}
      union all
      select 'member', user_id, monthly_spend_quota_nano
      from memberships where organization_id = ${organizationId} and user_id = ${userId ?? null}
      union all
      select 'key', id, monthly_spend_cap_nano
      from api_keys where organization_id = ${organizationId} and id = ${keyId}
    ) as limits
    left join budgets on budgets.organization_id = ${organizationId} and budgets.month = ${month}
      and budgets.scope = limits.scope and budgets.subject = limits.subject
    where "limitNano" is not null`);
  const read = ({ scope, ...row }: Row): Limit => ({
    scope,
    limitNano: BigInt(row.limitNano),
    spentNano: BigInt(row.spentNano),
    heldNano: BigInt(row.heldNano),
  });
  const { balanceNano, heldNano } = wallet;
  return [{ scope: 'wallet', limitNano: balanceNano, spentNano: 0n, heldNano }, ...rows.map(read)];
}
