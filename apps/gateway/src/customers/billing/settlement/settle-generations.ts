import { inArray, sql } from 'drizzle-orm';
import {
  budgetLeases,
  generations,
  inSystem,
  StatementFailure,
  type Transaction,
} from '../../../platform/db/index.ts';
import type { Context } from '../../../platform/context.ts';
import { keepTariffs } from '../price-lists/charged-tariffs.ts';
import { insertDecisions } from '../../decisions/index.ts';
import { raiseAlerts } from '../alerts/raise-alerts.ts';
import { lockWallet, lockWallets, moveBudgets, type Holder } from '../holds/budget-moves.ts';
import { readLimits, roomIn, tightestOf } from '../holds/limits.ts';
import { requestAutoTopUps } from '../payments/auto-top-up/request.ts';
import { bookCharges, writeOff, type Loss } from './book-charges.ts';
import { insertGenerations, type Debt } from './insert-generations.ts';
import { touchedBy } from './touched-by.ts';

/** Of a context, what booking takes. */
export type Settling = Pick<Context, 'store' | 'clock' | 'newId' | 'vault'>;

/**
 * Stores lines of the usage journal and books what they cost, in one transaction; those that are stored already stay as
 * they are. Returns the lines that the database will never take, found by halving; throws when it cannot be asked.
 */
export async function settleGenerations(
  ctx: Settling,
  lines: readonly string[],
): Promise<readonly string[]> {
  if (lines.length === 0) return [];
  try {
    await inSystem(ctx, async (transaction) => {
      await settle(transaction, ctx, lines);
      await keepTariffs(transaction, lines, ctx.clock());
    });
    return [];
  } catch (error) {
    if (!isAboutTheData(error)) throw error;
    if (lines.length === 1) return lines;
  }
  const middle = lines.length >> 1;
  const first = await settleGenerations(ctx, lines.slice(0, middle));
  const second = await settleGenerations(ctx, lines.slice(middle));
  return [...first, ...second];
}

/** A line that no wallet pays for, or that is none. */
class UnpayableLine extends Error {
  override readonly name = 'UnpayableLine';
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint violation): the same line fails again tomorrow. */
const isAboutTheData = (error: unknown): boolean =>
  error instanceof UnpayableLine ||
  (error instanceof StatementFailure && /^2[23]/.test(error.sqlState));

async function settle(
  transaction: Transaction,
  ctx: Settling,
  lines: readonly string[],
): Promise<void> {
  const debts = await insertGenerations(transaction, lines);
  await insertDecisions(transaction, lines);
  if (debts.length === 0) return;
  const organizationIds = [...new Set(debts.map(({ organizationId }) => organizationId))];
  const wallets = await lockWallets(transaction, organizationIds);
  const orphan = debts.find(({ organizationId }) => !wallets.has(organizationId));
  if (orphan)
    throw new UnpayableLine(`generation ${orphan.ids.slice(0, 40)} is of no organization`);
  const uncovered = await chargeLeases(transaction, debts);
  await writeOff(transaction, await chargeRest(transaction, uncovered));
  await bookCharges(transaction, debts.map(({ ids }) => ids).join(' '));
  await raiseAlerts(transaction, ctx, touchedBy(debts));
  await requestAutoTopUps(transaction, organizationIds, ctx.clock());
}

type Uncovered = Debt & { readonly coveredNano: bigint };

/** What requests cost was set aside for them: it moves from held to spent. Returns the debts that this does not cover. */
async function chargeLeases(
  transaction: Transaction,
  debts: readonly Debt[],
): Promise<readonly Uncovered[]> {
  const named = debts.flatMap(({ leaseId }) => leaseId ?? []);
  const leases = await transaction
    .select({ id: budgetLeases.id, outstandingNano: budgetLeases.outstandingNano })
    .from(budgetLeases)
    .where(inArray(budgetLeases.id, [...new Set(named)]));
  const outstanding = new Map(leases.map(({ id, outstandingNano }) => [id, outstandingNano]));
  const charged = debts.map((debt) => {
    const left = outstanding.get(debt.leaseId ?? '') ?? 0n;
    const coveredNano = debt.costNano < left ? debt.costNano : left;
    if (coveredNano > 0n) outstanding.set(debt.leaseId ?? '', left - coveredNano);
    return { ...debt, coveredNano };
  });
  await moveBudgets(
    transaction,
    charged.map((debt) => ({
      ...holderOf(debt),
      heldNano: 0n - debt.coveredNano,
      spentNano: debt.coveredNano,
    })),
  );
  await writeOutstanding(transaction, outstanding);
  return charged.filter(({ costNano, coveredNano }) => coveredNano < costNano);
}

async function writeOutstanding(
  transaction: Transaction,
  outstanding: ReadonlyMap<string, bigint>,
): Promise<void> {
  if (outstanding.size === 0) return;
  const amounts = Array.from(outstanding.values(), String);
  await transaction.execute(sql`
    update budget_leases set outstanding_nano = left_nano
    from unnest(${sql.param([...outstanding.keys()])}::text[], ${sql.param(amounts)}::bigint[]) as lease (lease_id, left_nano)
    where id = lease_id`);
}

/**
 * The lease of a process that was taken for dead is gone when its journal comes late after all, and an upstream may ignore
 * its limits. Both are charged as far as all limits leave room: a cap is a promise. The rest is the operator's loss.
 */
async function chargeRest(
  transaction: Transaction,
  debts: readonly Uncovered[],
): Promise<readonly Loss[]> {
  const losses: Loss[] = [];
  for (const debt of debts) {
    const missingNano = debt.costNano - debt.coveredNano;
    const chargedNano = debt.coveredNano + (await chargeLate(transaction, debt, missingNano));
    losses.push(...(await lossesOf(transaction, debt, chargedNano)));
  }
  return losses;
}

async function chargeLate(
  transaction: Transaction,
  debt: Debt,
  missingNano: bigint,
): Promise<bigint> {
  const holder = holderOf(debt);
  const wallet = await lockWallet(transaction, holder.organizationId);
  const room = roomIn(tightestOf(await readLimits(transaction, holder, wallet)));
  const spentNano = missingNano < room ? missingNano : room > 0n ? room : 0n;
  await moveBudgets(transaction, [{ ...holder, heldNano: 0n, spentNano }]);
  return spentNano;
}

/** The first ones are paid for, in the order of their ids. */
async function lossesOf(
  transaction: Transaction,
  { ids, costNano }: Debt,
  chargedNano: bigint,
): Promise<readonly Loss[]> {
  if (chargedNano === costNano) return [];
  const rows = await transaction
    .select({ generationId: generations.id, costNano: generations.costNano })
    .from(generations)
    .where(inArray(generations.id, ids.split(' ')))
    .orderBy(generations.id);
  let left = chargedNano;
  return rows.flatMap(({ generationId, costNano: cost }) => {
    const paidNano = cost < left ? cost : left;
    left -= paidNano;
    return paidNano < cost ? { generationId, lossNano: cost - paidNano } : [];
  });
}

const holderOf = ({ organizationId, keyId, userId, month }: Debt): Holder => ({
  organizationId,
  keyId,
  userId,
  month,
});
