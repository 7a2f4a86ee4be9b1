import { sql } from 'drizzle-orm';
import type { Transaction } from '../../../platform/db/index.ts';

/**
 * Both sides of the charge of each of these generations, and on the wallet's side its balance after it. The wallets have
 * paid for all of them by then, and for nothing else since they were locked.
 */
export async function bookCharges(
  transaction: Transaction,
  /** With spaces between. */
  generationIds: string,
): Promise<void> {
  await transaction.execute(sql`
    insert into ledger_entries
      (id, transfer_id, organization_id, account, kind, amount_nano, balance_nano, request_id)
    select 'led_' || substr(id, 5) || left(account, 1), 'trf_' || substr(id, 5), organization_id, account, 'usage',
      sign * cost_nano, case account when 'wallet' then balance_nano + later_nano end, id
    from (
      select id, generations.organization_id, cost_nano, balance_nano, coalesce(sum(cost_nano) over (
          partition by generations.organization_id order by id rows between 1 following and unbounded following
        ), 0) as later_nano
      from generations join wallets on wallets.organization_id = generations.organization_id
      where id = any(string_to_array(${generationIds}, ' ')) and cost_nano > 0
    ) as charge
    cross join (values ('wallet', -1), ('revenue', 1)) as side (account, sign)
    order by organization_id, id`);
}

export interface Loss {
  readonly generationId: string;
  readonly lossNano: bigint;
}

/** What no limit leaves room for is not charged. */
export async function writeOff(transaction: Transaction, losses: readonly Loss[]): Promise<void> {
  if (losses.length === 0) return;
  const ids = losses.map(({ generationId }) => generationId);
  const amounts = losses.map(({ lossNano }) => String(lossNano));
  await transaction.execute(sql`
    update generations set cost_nano = cost_nano - loss, written_off_nano = written_off_nano + loss
    from unnest(${sql.param(ids)}::text[], ${sql.param(amounts)}::bigint[]) as lost (generation_id, loss)
    where id = generation_id`);
}
