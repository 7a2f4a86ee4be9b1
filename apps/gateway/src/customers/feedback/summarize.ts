import { sql } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant } from '../../platform/db/index.ts';

export interface Tally {
  readonly total: number;
  readonly positive: number;
}

export interface FeedbackSummary extends Tally {
  readonly byTag: ReadonlyMap<string, Tally>;
  readonly byModel: ReadonlyMap<string, Tally>;
  readonly byTier: ReadonlyMap<string, Tally>;
  /** By the day in UTC, such as `2026-01-02`; every day is there. */
  readonly daily: ReadonlyMap<string, Tally>;
}

type Group = 'all' | 'tag' | 'model' | 'tier' | 'day';

interface Row extends Tally, Record<string, unknown> {
  readonly group: Group;
  readonly name: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const NOTHING: Tally = { total: 0, positive: 0 };

/** The votes that were given today and on the days before. */
export async function summarizeFeedback(
  ctx: Context<MemberActor>,
  { days }: { readonly days: number },
): Promise<FeedbackSummary> {
  const todayMs = Math.floor(ctx.clock() / DAY_MS) * DAY_MS;
  const firstMs = todayMs - (days - 1) * DAY_MS;
  const rows = await count(ctx, new Date(firstMs));
  const of = (group: Group): Map<string, Tally> =>
    new Map(
      rows.flatMap(({ group: own, name, total, positive }) =>
        own === group ? [[name, { total, positive }] as const] : [],
      ),
    );
  const given = of('day');
  const dates = Array.from({ length: days }, (_, day) =>
    new Date(firstMs + day * DAY_MS).toISOString().slice(0, 10),
  );
  return {
    ...(of('all').get('') ?? NOTHING),
    byTag: of('tag'),
    byModel: of('model'),
    byTier: of('tier'),
    daily: new Map(dates.map((date) => [date, given.get(date) ?? NOTHING])),
  };
}

/** One look at the votes for all groups. */
async function count(ctx: Context<MemberActor>, from: Date): Promise<readonly Row[]> {
  const { organizationId } = ctx.actor;
  const tally = sql`count(*)::int as total, count(*) filter (where rating > 0)::int as positive`;
  const { rows } = await inTenant(ctx, organizationId, (transaction) =>
    transaction.execute<Row>(sql`
      with votes as materialized (
        select rating, tags, model_used, billing_tier,
          to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD') as day
        from feedback
        left join generations on generations.id = generation_id
          and generations.organization_id = feedback.organization_id
        where feedback.organization_id = ${organizationId} and updated_at >= ${from.toISOString()}::timestamptz
      )
      select 'all' as "group", '' as name, ${tally} from votes
      union all
      select 'day', day, ${tally} from votes group by day
      union all
      select 'model', model_used, ${tally} from votes where model_used is not null group by model_used
      union all
      select 'tier', billing_tier, ${tally} from votes where billing_tier is not null group by billing_tier
      union all
      (select 'tag', tag, ${tally} from votes, unnest(tags) as tag
       group by tag order by total desc, tag limit 100)`),
  );
  return rows;
}
