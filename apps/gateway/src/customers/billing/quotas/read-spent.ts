import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { and, eq, inArray } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { budgets, organizations, type Transaction } from '../../../platform/db/index.ts';
import { monthAt } from './read-month.ts';

export interface Spenders {
  readonly organizationIds: readonly string[];
  readonly scope: (typeof budgets.$inferSelect)['scope'];
  /** Ids of organizations, users or keys. */
  readonly subjects: readonly string[];
}

/** What each has spent since the month began where its organization is. */
export async function readSpent(
  transaction: Transaction,
  { clock }: Pick<Context, 'clock'>,
  { organizationIds, scope, subjects }: Spenders,
): Promise<(subject: string) => NanoUsd> {
  if (subjects.length === 0) return () => NOTHING;
  const rows = await transaction
    .select({ subject: budgets.subject, spentNano: budgets.spentNano })
    .from(organizations)
    .innerJoin(
      budgets,
      and(eq(budgets.organizationId, organizations.id), eq(budgets.month, monthAt(clock()))),
    )
    .where(
      and(
        inArray(organizations.id, [...organizationIds]),
        eq(budgets.scope, scope),
        inArray(budgets.subject, [...subjects]),
      ),
    );
  const spent = new Map(rows.map((row) => [row.subject, nanoUsd(row.spentNano)]));
  return (subject) => spent.get(subject) ?? NOTHING;
}

const NOTHING = nanoUsd(0n);
