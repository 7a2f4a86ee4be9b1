import { inArray, sql } from 'drizzle-orm';
import {
  budgetLeases,
  inSystem,
  StatementFailure,
  type Transaction,
} from '../../../platform/db/index.ts';
import type { Context } from '../../../platform/context.ts';
import { insertDecisions } from '../../decisions/index.ts';
import { raiseAlerts } from '../alerts/raise-alerts.ts';
import { lockWallets, moveBudgets, type Holder } from '../holds/budget-moves.ts';
import { readLimits, roomIn, tightestOf } from '../holds/limits.ts';
import { requestAutoTopUps } from '../payments/auto-top-up/request.ts';
import { bookCharges } from './book-charges.ts';
import { insertGenerations, type NewGeneration } from './insert-generations.ts';
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
    await inSystem(ctx, (transaction) => settle(transaction, ctx, lines));
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
  const leaseIds = leaseIdsIn(lines);
  const stored = await insertGenerations(transaction, lines);
  await insertDecisions(transaction, lines);
  const costly = stored.filter(({ costNano }) => costNano > 0n);
  if (costly.length === 0) return;
  const wallets = await lockWallets(transaction, [
    ...new Set(costly.map(({ organizationId }) => organizationId)),
  ]);
  const orphan = costly.find(({ organizationId }) => !wallets.has(organizationId));
  if (orphan) throw new UnpayableLine(`generation ${orphan.id} is of no organization`);
  const covered = await chargeLeases(transaction, costly, leaseIds);
  const charges = await chargeRest(transaction, covered);
  await bookCharges(transaction, wallets, charges);
  const touched = touchedBy(charges);
  await raiseAlerts(transaction, ctx, touched);
  await requestAutoTopUps(transaction, touched.wallets, ctx.clock());
}

/** By the generation's id. */
function leaseIdsIn(lines: readonly string[]): ReadonlyMap<string, string | undefined> {
  try {
    return new Map(
      lines.map((line) => {
        const { id, leaseId } = JSON.parse(line) as {
          readonly id: string;
          readonly leaseId?: string;
        };
        return [id, leaseId];
      }),
    );
  } catch (cause) {
    throw new UnpayableLine('a line of the journal is not JSON', { cause });
  }
}

type Covered = NewGeneration & { readonly coveredNano: bigint };
type Charged = NewGeneration & { readonly amountNano: bigint };

/** What a request costs was set aside for it: it moves from held to spent. */
async function chargeLeases(
  transaction: Transaction,
  generations: readonly NewGeneration[],
  leaseIds: ReadonlyMap<string, string | undefined>,
): Promise<readonly Covered[]> {
  const named = generations.flatMap(({ id }) => leaseIds.get(id) ?? []);
  const leases = await transaction
    .select({ id: budgetLeases.id, outstandingNano: budgetLeases.outstandingNano })
    .from(budgetLeases)
    .where(inArray(budgetLeases.id, [...new Set(named)]));
  const outstanding = new Map(leases.map(({ id, outstandingNano }) => [id, outstandingNano]));
  const covered = generations.map((generation) => {
    const leaseId = leaseIds.get(generation.id) ?? '';
    const left = outstanding.get(leaseId) ?? 0n;
    const coveredNano = generation.costNano < left ? generation.costNano : left;
    if (coveredNano > 0n) outstanding.set(leaseId, left - coveredNano);
    return { ...generation, coveredNano };
  });
  await moveBudgets(
    transaction,
    covered.map((each) => ({
      ...holderOf(each),
      heldNano: 0n - each.coveredNano,
      spentNano: each.coveredNano,
    })),
  );
  await writeOutstanding(transaction, outstanding);
  return covered;
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
  generations: readonly Covered[],
): Promise<readonly Charged[]> {
  const charges: Charged[] = [];
  for (const generation of generations) {
    const missingNano = generation.costNano - generation.coveredNano;
    const extraNano =
      missingNano > 0n ? await chargeLate(transaction, generation, missingNano) : 0n;
    const amountNano = generation.coveredNano + extraNano;
    charges.push({ ...generation, amountNano });
  }
  return charges;
}

async function chargeLate(
  transaction: Transaction,
  generation: NewGeneration,
  missingNano: bigint,
): Promise<bigint> {
  const holder = holderOf(generation);
  const wallets = await lockWallets(transaction, [holder.organizationId]);
  const wallet = wallets.get(holder.organizationId);
  if (wallet === undefined) throw new Error('impossible: a locked wallet is gone');
  const room = roomIn(tightestOf(await readLimits(transaction, holder, wallet)));
  const spentNano = missingNano < room ? missingNano : room > 0n ? room : 0n;
  await moveBudgets(transaction, [{ ...holder, heldNano: 0n, spentNano }]);
  return spentNano;
}

const holderOf = ({ organizationId, keyId, userId, month }: NewGeneration): Holder => ({
  organizationId,
  keyId,
  userId,
  month,
});
