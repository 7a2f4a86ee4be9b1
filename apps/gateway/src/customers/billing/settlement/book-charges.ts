import { sql } from 'drizzle-orm';
import type { Transaction } from '../../../platform/db/index.ts';

export interface Charge {
  /** Of the generation. */
  readonly id: string;
  readonly organizationId: string;
  readonly costNano: bigint;
  /** What was charged of the cost. */
  readonly amountNano: bigint;
}

/** Both sides of each charge, and on the wallet's side its balance after it. In the order of the generations' ids. */
export async function bookCharges(
  transaction: Transaction,
  before: ReadonlyMap<string, { readonly balanceNano: bigint }>,
  charges: readonly Charge[],
): Promise<void> {
  const balances = new Map(
    Array.from(before, ([organizationId, { balanceNano }]) => [organizationId, balanceNano]),
  );
  const booked = charges
    .filter(({ amountNano }) => amountNano > 0n)
    .map(({ id, organizationId, amountNano }) => {
      const balanceNano = (balances.get(organizationId) ?? 0n) - amountNano;
      balances.set(organizationId, balanceNano);
      return {
        id,
        organizationId,
        amountNano: String(amountNano),
        balanceNano: String(balanceNano),
      };
    });
  if (booked.length > 0) {
    await transaction.execute(sql`
      insert into ledger_entries
        (id, transfer_id, organization_id, account, kind, amount_nano, balance_nano, request_id)
      select 'led_' || substr(id, 5) || left(account, 1), 'trf_' || substr(id, 5), "organizationId", account, 'usage',
        sign * "amountNano", case account when 'wallet' then "balanceNano" end, id
      from json_to_recordset(${JSON.stringify(booked)}::json) as charge
        (id text, "organizationId" text, "amountNano" bigint, "balanceNano" bigint)
      cross join (values ('wallet', -1), ('revenue', 1)) as side (account, sign)
      order by "organizationId", id`);
  }
  await writeOff(
    transaction,
    charges.filter(({ costNano, amountNano }) => amountNano < costNano),
  );
}

async function writeOff(transaction: Transaction, charges: readonly Charge[]): Promise<void> {
  if (charges.length === 0) return;
  const ids = charges.map(({ id }) => id);
  const losses = charges.map(({ costNano, amountNano }) => String(costNano - amountNano));
  await transaction.execute(sql`
    update generations set cost_nano = cost_nano - loss, written_off_nano = written_off_nano + loss
    from unnest(${sql.param(ids)}::text[], ${sql.param(losses)}::bigint[]) as lost (generation_id, loss)
    where id = generation_id`);
}
