import { and, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import {
  inTenant,
  ledgerEntries,
  topUpMovements,
  type Transaction,
} from '../../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../../platform/page.ts';

/** The wallet's side of a transfer. */
export type LedgerEntry = typeof ledgerEntries.$inferSelect & {
  /** What it is about, if it came of a payment. */
  readonly topUpId: string | null;
};

/** The latest first. After an id that is none of the organization's there is nothing. */
export async function listLedger(
  ctx: Context<MemberActor>,
  page: PageRequest,
): Promise<Page<LedgerEntry>> {
  const { organizationId } = ctx.actor;
  const rows = await inTenant(ctx, organizationId, (transaction) =>
    selectEntries(transaction, organizationId, page),
  );
  return cutPage(rows, page);
}

const selectEntries = (
  transaction: Transaction,
  organizationId: string,
  { limit, after }: PageRequest,
) =>
  transaction
    .select({ ...getTableColumns(ledgerEntries), topUpId: topUpMovements.topUpId })
    .from(ledgerEntries)
    .leftJoin(topUpMovements, eq(topUpMovements.transferId, ledgerEntries.transferId))
    .where(
      and(
        eq(ledgerEntries.organizationId, organizationId),
        eq(ledgerEntries.account, 'wallet'),
        after === undefined
          ? undefined
          : sql`${ledgerEntries.position} < (select position from ledger_entries as cursor
              where cursor.id = ${after} and cursor.organization_id = ${organizationId})`,
      ),
    )
    .orderBy(desc(ledgerEntries.position))
    .limit(limit + 1);
