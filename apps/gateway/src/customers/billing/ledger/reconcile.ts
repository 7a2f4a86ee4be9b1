import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { sql, type SQL } from 'drizzle-orm';
import { inSystem, type Stored } from '../../../platform/db/index.ts';

const PAYMENT_KINDS = sql`('top_up', 'top_up_refund', 'top_up_refund_reversal', 'dispute', 'dispute_reversal')`;

/** What must be equal in the books, and what it is compared with. */
const CHECKS = {
  'a transfer sums to zero': sql`
    select transfer_id as subject, 0 as expected, sum(amount_nano) as found
    from ledger_entries group by transfer_id
    having sum(amount_nano) <> 0 or count(distinct organization_id) <> 1`,
  'a wallet holds the sum of its entries': sql`
    select organization_id as subject, coalesce(total, 0) as expected, balance_nano as found
    from wallets full join (
      select organization_id, sum(amount_nano) as total from ledger_entries
      where account = 'wallet' group by organization_id) as entries using (organization_id)
    where balance_nano is distinct from coalesce(total, 0)`,
  'an entry carries the balance after it': sql`
    select id as subject, expected, balance_nano as found
    from (select id, balance_nano,
        sum(amount_nano) over (partition by organization_id order by position) as expected
      from ledger_entries where account = 'wallet') as entries
    where balance_nano <> expected`,
  'a generation is paid for once, and nothing else is': sql`
    select coalesce(id, request_id) as subject, coalesce(-cost_nano, 0) as expected, coalesce(paid, 0) as found
    from (select id, organization_id, cost_nano from generations where cost_nano > 0) as used
    full join (
      select request_id, organization_id, sum(amount_nano) filter (where account = 'wallet') as paid,
        count(distinct transfer_id) as transfers, count(*) filter (where account = 'revenue') as sides
      from ledger_entries where kind = 'usage' group by request_id, organization_id) as charge
    on request_id = id and charge.organization_id = used.organization_id
    where paid is distinct from -cost_nano or transfers <> 1 or sides <> 1`,
  'a budget has spent what its generations cost and was not given back': sql`
    select subject, coalesce(cost, 0) as expected, coalesce(spent_nano, 0) as found
    from budgets full join (
      select organization_id, month, scope, subject, sum(cost_nano - coalesce(refunded, 0)) as cost
      from generations
      left join (select request_id, amount_nano as refunded from ledger_entries
        where kind = 'refund' and account = 'wallet') as refunds on request_id = generations.id
      cross join lateral (
        values ('organization', organization_id), ('member', user_id), ('key', key_id)) as counted (scope, subject)
      where subject is not null and cost_nano > 0
      group by organization_id, month, scope, subject) as used using (organization_id, month, scope, subject)
    where coalesce(spent_nano, 0) <> coalesce(cost, 0)`,
  'a wallet holds what is leased of it': sql`
    select organization_id as subject, coalesce(leased, 0) as expected, held_nano as found
    from wallets full join (
      select organization_id, sum(outstanding_nano) as leased from budget_leases group by organization_id) as leases
    using (organization_id)
    where held_nano is distinct from coalesce(leased, 0)`,
  'a budget holds what is leased of it': sql`
    select subject, coalesce(leased, 0) as expected, coalesce(held_nano, 0) as found
    from budgets full join (
      select organization_id, month, scope, subject, sum(outstanding_nano) as leased
      from budget_leases cross join lateral (
        values ('organization', organization_id), ('member', user_id), ('key', key_id)) as counted (scope, subject)
      where subject is not null
      group by organization_id, month, scope, subject) as leases using (organization_id, month, scope, subject)
    where coalesce(held_nano, 0) <> coalesce(leased, 0)`,
  'what a payment has moved is in the ledger, and nothing else of its kinds is': sql`
    select coalesce(movement.transfer_id, entry.transfer_id) as subject,
      coalesce(movement.amount_nano, 0) as expected, coalesce(entry.amount_nano, 0) as found
    from top_up_movements as movement
    full join (
      select transfer_id, kind, request_id, amount_nano from ledger_entries
      where account = 'wallet' and kind in ${PAYMENT_KINDS}) as entry
    on entry.transfer_id = movement.transfer_id and entry.kind = movement.kind
      and entry.request_id = movement.reference
    where entry.amount_nano is distinct from movement.amount_nano`,
  'a paid top-up was credited, and no other was': sql`
    select id as subject, case when status = 'paid' then amount_nano else 0 end as expected,
      coalesce(credited, 0) as found
    from top_ups left join (
      select top_up_id, sum(amount_nano) as credited from top_up_movements
      where kind = 'top_up' group by top_up_id) as movement on top_up_id = id
    where coalesce(credited, 0) <> case when status = 'paid' then amount_nano else 0 end`,
  'a plan is paid for once in a month, and nothing else of its kind is': sql`
    select coalesce(fee.transfer_id, entry.transfer_id) as subject,
      coalesce(-fee.amount_nano, 0) as expected, coalesce(entry.amount_nano, 0) as found
    from (select * from plan_fees where amount_nano <> 0) as fee
    full join (
      select transfer_id, organization_id, request_id, amount_nano from ledger_entries
      where account = 'wallet' and kind = 'plan_fee') as entry
    on entry.transfer_id = fee.transfer_id and entry.organization_id = fee.organization_id
      and entry.request_id = concat_ws(' ', fee.organization_id, fee.plan_id, fee.month)
    where entry.amount_nano is distinct from -fee.amount_nano`,
  'an invoice tells the balance from its first entry to its last': sql`
    select invoices.id as subject, entry.balance_nano as expected, closing_nano as found
    from invoices
    join ledger_entries as entry
      on entry.organization_id = invoices.organization_id and entry.position = last_position
    left join (
      select invoice_id, sum(amount_nano) as told from invoice_lines group by invoice_id) as lines
      on invoice_id = invoices.id
    where closing_nano <> entry.balance_nano or opening_nano + coalesce(told, 0) <> closing_nano`,
} as const satisfies Record<string, SQL>;

export type BookCheck = keyof typeof CHECKS;

export interface Discrepancy {
  readonly check: BookCheck;
  /** Of the transfer, organization, entry or generation. */
  readonly subject: string;
  readonly expectedNano: NanoUsd;
  readonly foundNano: NanoUsd;
}

export interface Reconciliation {
  readonly wallets: number;
  readonly transfers: number;
  readonly generations: number;
  /** The first hundred of each check. */
  readonly discrepancies: readonly Discrepancy[];
}

interface Found extends Record<string, unknown> {
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

const SHOWN_PER_CHECK = 100;

/** Holds the books against each other. Each check is one statement, so it sees the books at one moment, also while they grow. */
export async function reconcile(database: Stored): Promise<Reconciliation> {
  const checks = Object.keys(CHECKS) as BookCheck[];
  const discrepancies: Discrepancy[] = [];
  for (const check of checks) discrepancies.push(...(await find(database, check)));
  return { ...(await countBooks(database)), discrepancies };
}

async function find(database: Stored, check: BookCheck): Promise<Discrepancy[]> {
  const { rows } = await inSystem(database, (transaction) =>
    transaction.execute<Found>(sql`
      select subject, coalesce(expected, 0)::text as expected, coalesce(found, 0)::text as found
      from (${CHECKS[check]}) as fault order by subject limit ${SHOWN_PER_CHECK}`),
  );
  return rows.map(({ subject, expected, found }) => ({
    check,
    subject,
    expectedNano: nanoUsd(BigInt(expected)),
    foundNano: nanoUsd(BigInt(found)),
  }));
}

interface Counts extends Record<string, unknown> {
  readonly wallets: number;
  readonly transfers: number;
  readonly generations: number;
}

async function countBooks(database: Stored): Promise<Counts> {
  const { rows } = await inSystem(database, (transaction) =>
    transaction.execute<Counts>(sql`
      select (select count(*) from wallets)::float8 as wallets,
        (select count(*) from ledger_entries where account = 'wallet')::float8 as transfers,
        (select count(*) from generations where cost_nano > 0)::float8 as generations`),
  );
  const [counts] = rows;
  if (counts === undefined) throw new Error('impossible: a count has no row');
  return counts;
}
