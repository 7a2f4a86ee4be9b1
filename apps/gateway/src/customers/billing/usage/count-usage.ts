import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../../../platform/db/index.ts';

export type UsageGrouping = 'day' | 'key' | 'model' | 'member';

export interface UsagePeriod {
  readonly timeZone: string;
  /** Days in the time zone, such as `2026-01-02`. */
  readonly from: string;
  readonly to: string;
}

export interface CountedUsage extends Record<string, unknown> {
  readonly grouping: 'day' | 'tier' | 'group';
  readonly id: string | null;
  readonly name: string | null;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNano: string;
}

/** Which column tells the groups apart, and how a group is called. Days need no second look. */
const GROUPINGS = {
  day: { column: sql`null::text`, id: sql`part`, name: sql`null::text`, joins: sql`where false` },
  model: { column: sql`model_used`, id: sql`part`, name: sql`null::text`, joins: sql`` },
  key: {
    column: sql`key_id`,
    id: sql`part`,
    name: sql`api_keys.name`,
    joins: sql`left join api_keys on api_keys.id = part`,
  },
  member: {
    column: sql`key_id`,
    id: sql`created_by`,
    name: sql`email`,
    joins: sql`left join api_keys on api_keys.id = part
      left join memberships on user_id = created_by and memberships.organization_id = api_keys.organization_id
      left join users on users.id = user_id`,
  },
} as const satisfies Record<UsageGrouping, Readonly<Record<string, SQL>>>;

/** Today and the days before, where the organization is. */
export async function findPeriod(
  transaction: Transaction,
  organizationId: string,
  { days, nowMs }: { readonly days: number; readonly nowMs: number },
): Promise<UsagePeriod> {
  const now = new Date(nowMs).toISOString();
  const { rows } = await transaction.execute<UsagePeriod & Record<string, unknown>>(sql`
    select time_zone as "timeZone", today::text as "to", (today - ${days - 1}::int)::text as "from"
    from organizations, lateral (select (${now}::timestamptz at time zone time_zone)::date as today) as calendar
    where id = ${organizationId}`);
  const [period] = rows;
  if (period === undefined) throw new Error('impossible: an organization is not there');
  return period;
}

/** One pass over the generations; what it leaves is small, and summed up again for each grouping. */
export async function countUsage(
  transaction: Transaction,
  organizationId: string,
  { timeZone, from, to, groupBy }: UsagePeriod & { readonly groupBy: UsageGrouping },
): Promise<readonly CountedUsage[]> {
  const { column, id, name, joins } = GROUPINGS[groupBy];
  const midnight = (day: SQL): SQL => sql`(${day})::timestamp at time zone ${timeZone}`;
  const { rows } = await transaction.execute<CountedUsage>(sql`
    with used as materialized (
      select (started_at at time zone ${timeZone})::date as day, billing_tier as tier, ${column} as part,
        count(*) as requests, sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,
        sum(cost_nano) as cost_nano
      from generations
      where organization_id = ${organizationId}
        and started_at >= ${midnight(sql`${from}::date`)} and started_at < ${midnight(sql`${to}::date + 1`)}
      group by day, tier, part
    )
    select 'day' as grouping, day::text as id, null as name, ${SUMS} from used group by day
    union all
    select 'tier', tier, null, ${SUMS} from used group by tier
    union all
    (select 'group', ${id}, ${name}, ${SUMS} from used ${joins} group by ${id}, ${name}
     order by sum(cost_nano) desc, sum(requests) desc, ${id})`);
  return rows;
}

const SUMS = sql`sum(requests)::float8 as requests, sum(input_tokens)::float8 as "inputTokens",
  sum(output_tokens)::float8 as "outputTokens", sum(cost_nano)::text as "costNano"`;
