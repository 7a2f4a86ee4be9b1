import { eq, sql, type SQL } from 'drizzle-orm';
import { wallets, type Transaction } from '../../../platform/db/index.ts';

/** Whose money a request may spend: a wallet, and three budgets of a month. */
export interface Holder {
  readonly organizationId: string;
  readonly keyId: string;
  /** The member for whom the key acts; `undefined`: an operator made it. */
  readonly userId: string | undefined;
  readonly month: string;
}

/** What changes for one holder; amounts below zero take away. */
export interface BudgetMove extends Holder {
  readonly heldNano: bigint;
  /** Goes from the wallet's balance and onto what the budgets have spent. */
  readonly spentNano: bigint;
}

/**
 * Every change of money or budgets begins with this: within an organization changes stand in a line, and what is read
 * afterwards stays as it is. Several wallets are locked in the order of their ids, so that nobody waits in a circle.
 */
export async function lockWallets(
  transaction: Transaction,
  organizationIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly balanceNano: bigint; readonly heldNano: bigint }>> {
  const rows = await transaction
    .select()
    .from(wallets)
    .where(sql`${wallets.organizationId} = any(${sql.param([...organizationIds])}::text[])`)
    .orderBy(wallets.organizationId)
    .for('update');
  return new Map(rows.map(({ organizationId, ...wallet }) => [organizationId, wallet]));
}

/** The same for one organization. */
export async function lockWallet(
  transaction: Transaction,
  organizationId: string,
): Promise<{ readonly balanceNano: bigint; readonly heldNano: bigint }> {
  const [wallet] = await transaction
    .select()
    .from(wallets)
    .where(eq(wallets.organizationId, organizationId))
    .for('update');
  if (wallet === undefined) throw new Error('impossible: an organization has no wallet');
  return wallet;
}

/** Changes wallets and budgets in one statement. The wallets are locked by then. */
export async function moveBudgets(
  transaction: Transaction,
  moves: readonly BudgetMove[],
): Promise<void> {
  if (moves.length === 0) return;
  await transaction.execute(sql`
    with moves as (${moving(moves)}), moved as (
      update wallets set held_nano = held_nano + held, balance_nano = balance_nano - spent
      from (select "organizationId", sum("heldNano") as held, sum("spentNano") as spent from moves group by 1) as total
      where organization_id = "organizationId"
    )
    ${COUNTING}`);
}

/** Changes budgets only: the wallet's side was booked by then. */
export async function countInBudgets(transaction: Transaction, move: BudgetMove): Promise<void> {
  await transaction.execute(sql`with moves as (${moving([move])}) ${COUNTING}`);
}

const moving = (moves: readonly BudgetMove[]): SQL => sql`
  select * from json_to_recordset(${JSON.stringify(moves.map(printMove))}::json) as move
    ("organizationId" text, "keyId" text, "userId" text, month text, "heldNano" bigint, "spentNano" bigint)`;

/** Not `on conflict`: that would judge a row that is never inserted. The lock on the wallet keeps others away. */
const COUNTING = sql`, counted as (
    select "organizationId", month, scope, subject, sum("heldNano") as held, sum("spentNano") as spent
    from moves cross join lateral (
      values ('organization', "organizationId"), ('member', "userId"), ('key', "keyId")) as counted (scope, subject)
    where subject is not null
    group by 1, 2, 3, 4
  ), updated as (
    update budgets set held_nano = held_nano + held, spent_nano = spent_nano + spent
    from counted
    where budgets.organization_id = "organizationId" and budgets.month = counted.month
      and budgets.scope = counted.scope and budgets.subject = counted.subject
    returning budgets.organization_id, budgets.month, budgets.scope, budgets.subject
  )
  insert into budgets (organization_id, month, scope, subject, held_nano, spent_nano)
  select "organizationId", month, scope, subject, held, spent from counted
  where ("organizationId", month, scope, subject) not in (select * from updated)`;

/** JSON has no bigint, and a number would lose digits. */
const printMove = ({ heldNano, spentNano, ...holder }: BudgetMove): object => ({
  ...holder,
  heldNano: heldNano.toString(),
  spentNano: spentNano.toString(),
});
