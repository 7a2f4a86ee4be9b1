import { eq, sql } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { organizations, type Transaction } from '../../../platform/db/index.ts';

/** Which month it is where the organization is, such as `2026-11`. */
export async function readMonth(
  transaction: Transaction,
  { clock }: Pick<Context, 'clock'>,
  organizationId: string,
): Promise<string> {
  const [found] = await transaction
    .select({ month: monthAt(clock()) })
    .from(organizations)
    .where(eq(organizations.id, organizationId));
  if (found === undefined) throw new Error('impossible: an organization is not there');
  return found.month;
}

export const monthAt = (nowMs: number) =>
  sql<string>`to_char(${new Date(nowMs).toISOString()}::timestamptz at time zone ${organizations.timeZone}, 'YYYY-MM')`;
