import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../../platform/db/index.ts';
import type { RoutingDecision } from './decision.ts';

/** A decision as it was logged, and what became of it. */
export interface LoggedDecision extends Omit<RoutingDecision, 'conversation'> {
  readonly generationId: string;
  readonly decidedAt: Date;
  /** Who served in the end; `undefined`: nobody. */
  readonly modelUsed: string | undefined;
  /** `undefined`: nobody has voted. */
  readonly rating: 1 | -1 | undefined;
  readonly signal: 'regenerated' | undefined;
  readonly costNano: NanoUsd | undefined;
}

export interface DecisionsQuestion {
  /** `undefined`: everybody’s, for an operator. */
  readonly organizationId: string | undefined;
  readonly timeZone: string;
  /** Days in the time zone, such as `2026-01-02`. */
  readonly from: string;
  readonly to: string;
  readonly tier: RoutingDecision['tier'] | undefined;
  /** Hashed words of the prompt are asked for only where they go on. */
  readonly withFeatures?: boolean;
  /** The page before this one ended there. */
  readonly after: DecisionPage['next'];
  readonly limit: number;
}

export interface DecisionPage {
  /** The newest first. */
  readonly decisions: readonly LoggedDecision[];
  /** `undefined`: there are no more. */
  readonly next: { readonly decidedAt: string; readonly generationId: string } | undefined;
}

interface Row extends Record<string, unknown> {
  readonly generationId: string;
  /** With microseconds, which a `Date` has not. */
  readonly decidedAt: string;
  readonly decidedAtMs: number;
  readonly tier: RoutingDecision['tier'];
  readonly preference: NonNullable<RoutingDecision['preference']> | null;
  readonly policy: string;
  readonly rules: RoutingDecision['rules'];
  readonly options: RoutingDecision['options'];
  readonly chosen: string;
  readonly reason: RoutingDecision['reason'];
  readonly features: string | null;
  readonly modelUsed: string | null;
  readonly rating: 1 | -1 | null;
  readonly signal: 'regenerated' | null;
  readonly costNano: string | null;
}

/** One page of the log, with votes and costs. */
export async function readLoggedDecisions(
  transaction: Transaction,
  question: DecisionsQuestion,
): Promise<DecisionPage> {
  const { limit, withFeatures = false } = question;
  const features = withFeatures ? sql`encode(decision.features, 'base64')` : sql`null::text`;
  const { rows } = await transaction.execute<Row>(sql`
    select decision.generation_id as "generationId", decided_at::text as "decidedAt",
      (extract(epoch from decided_at) * 1000)::float8 as "decidedAtMs", tier, preference, policy, rules, options, chosen,
      reason, ${features} as features, decision.model_used as "modelUsed", rating, signal,
      generations.cost_nano::text as "costNano"
    from routing_decisions as decision
    left join feedback on feedback.generation_id = decision.generation_id
      and feedback.organization_id = decision.organization_id
    left join generations on generations.id = decision.generation_id
      and generations.organization_id = decision.organization_id
    where ${conditionOf(question)}
    order by decided_at desc, decision.generation_id desc
    limit ${limit}`);
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    decisions: rows.map(readRow),
    next: last && { decidedAt: last.decidedAt, generationId: last.generationId },
  };
}

function conditionOf({ organizationId, timeZone, from, to, tier, after }: DecisionsQuestion): SQL {
  const midnight = (day: SQL): SQL => sql`(${day})::timestamp at time zone ${timeZone}`;
  const conditions = [
    sql`decided_at >= ${midnight(sql`${from}::date`)}`,
    sql`decided_at < ${midnight(sql`${to}::date + 1`)}`,
    ...(organizationId === undefined ? [] : [sql`decision.organization_id = ${organizationId}`]),
    ...(tier === undefined ? [] : [sql`tier = ${tier}`]),
    ...(after === undefined
      ? []
      : [
          sql`(decided_at, decision.generation_id) < (${after.decidedAt}::timestamptz, ${after.generationId})`,
        ]),
  ];
  return sql.join(conditions, sql` and `);
}

const readRow = ({
  decidedAt: _exact,
  decidedAtMs,
  preference,
  features,
  modelUsed,
  rating,
  signal,
  costNano,
  ...row
}: Row): LoggedDecision => ({
  ...row,
  decidedAt: new Date(decidedAtMs),
  preference: preference ?? undefined,
  // PostgreSQL breaks base64 into lines.
  features: features?.replaceAll('\n', ''),
  modelUsed: modelUsed ?? undefined,
  rating: rating ?? undefined,
  signal: signal ?? undefined,
  costNano: costNano === null ? undefined : nanoUsd(BigInt(costNano)),
});
