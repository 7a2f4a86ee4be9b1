import { sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Context } from '../../../platform/context.ts';
import { inSystem, inTenant } from '../../../platform/db/index.ts';
import { lockBooking } from './booking.ts';
import type { Plans } from './plan.ts';
import { turnMonth } from './turn-month.ts';

/** What one run of the job takes on: the next one, a minute later, goes on. */
const MOST_AT_ONCE = 2_000;

/** Where a month has begun: what was booked for it begins, and fees are charged, once for each plan and month. */
export async function chargePlanFees(
  ctx: Context,
  plans: Plans,
  log: Pick<Logger, 'error'>,
): Promise<void> {
  for (const organizationId of await findDue(ctx, plans)) {
    // One that cannot be charged must not keep the others from it.
    await turn(ctx, plans, organizationId).catch((error: unknown) =>
      log.error({ err: error, organizationId }, 'a plan cannot be brought up to date'),
    );
  }
}

const turn = (ctx: Context, plans: Plans, organizationId: string): Promise<unknown> =>
  inTenant(ctx, organizationId, async (transaction) =>
    turnMonth(transaction, ctx, plans, await lockBooking(transaction, organizationId)),
  );

/** The clock asks for everybody: hence past all scopes. */
async function findDue(ctx: Context, plans: Plans): Promise<readonly string[]> {
  const paid = plans.all.filter(({ monthlyFeeNano }) => monthlyFeeNano > 0n).map(({ id }) => id);
  const now = new Date(ctx.clock()).toISOString();
  const { rows } = await inSystem(ctx, (transaction) =>
    transaction.execute<{ readonly id: string }>(sql`
      select id from organizations
      cross join lateral (
        select to_char(${now}::timestamptz at time zone time_zone, 'YYYY-MM') as month) as this
      where plan_id <> 'pay-as-you-go' and deleted_at is null
        and (next_plan_month <= this.month
          or plan_id = any(${sql.param(paid)}::text[]) and not exists (
            select from plan_fees where plan_fees.organization_id = organizations.id
              and plan_fees.plan_id = organizations.plan_id and plan_fees.month = this.month))
      order by id limit ${MOST_AT_ONCE}`),
  );
  return rows.map(({ id }) => id);
}
