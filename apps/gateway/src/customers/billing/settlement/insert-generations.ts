import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../../../platform/db/index.ts';
import type { Holder } from '../holds/budget-moves.ts';
import type { Generation } from '../usage/generation.ts';

/** How a member of a journal line becomes a column: its type in the line, and the expression that is stored. */
const COLUMNS = {
  id: ['id', 'text'],
  organizationId: ['organization_id', 'text'],
  keyId: ['key_id', 'text'],
  userId: ['user_id', 'text'],
  // Lines of older versions have none.
  month: [
    'month',
    'text',
    `coalesce("month", (select to_char(to_timestamp("startedAtMs" / 1000) at time zone time_zone, 'YYYY-MM')
      from organizations where organizations.id = "organizationId"))`,
  ],
  route: ['route', 'text'],
  securityTier: ['security_tier', 'text'],
  modelAsked: ['model_asked', 'text'],
  modelUsed: ['model_used', 'text'],
  modelsTried: ['models_tried', 'text[]'],
  billingTier: ['billing_tier', 'text'],
  priceVersion: ['price_version', 'text'],
  cache: ['cache', 'text', `coalesce("cache", 'miss')`],
  outcome: ['outcome', 'text'],
  status: ['status', 'integer'],
  isStream: ['is_stream', 'boolean'],
  inputTokens: ['input_tokens', 'integer'],
  cachedInputTokens: ['cached_input_tokens', 'integer'],
  outputTokens: ['output_tokens', 'integer'],
  reasoningTokens: ['reasoning_tokens', 'integer'],
  usageSource: ['usage_source', 'text'],
  costNano: ['cost_nano', 'bigint'],
  writtenOffNano: ['written_off_nano', 'bigint', `coalesce("writtenOffNano", 0)`],
  startedAtMs: ['started_at', 'float8', 'to_timestamp("startedAtMs" / 1000)'],
  firstByteMs: ['first_byte_ms', 'float8', 'round("firstByteMs")'],
  latencyMs: ['latency_ms', 'float8', 'round("latencyMs")'],
} as const satisfies Record<
  Exclude<keyof Generation, 'leaseId' | 'decision'>,
  readonly [column: string, type: string, expression?: string]
>;

const members = Object.entries<readonly [string, string, string?]>(COLUMNS);
const columns = sql.raw(members.map(([, [column]]) => column).join(', '));
const values = sql.raw(
  members.map(([member, [, , expression]]) => expression ?? `"${member}"`).join(', '),
);
const types = sql.raw(members.map(([member, [, type]]) => `"${member}" ${type}`).join(', '));

/** Generations that were not stored before and cost something: those of one holder that one lease was to pay for. */
export interface Debt extends Holder {
  /** `undefined`: nothing was set aside for them. */
  readonly leaseId: string | undefined;
  readonly costNano: bigint;
  /** Of the generations, ascending, with spaces between: most are only handed on, and a text is handed on fast. */
  readonly ids: string;
}

interface Row extends Record<string, unknown> {
  readonly organizationId: string;
  readonly keyId: string;
  readonly userId: string | null;
  readonly month: string | null;
  readonly leaseId: string | null;
  readonly costNano: string;
  readonly ids: string;
}

/** In one order, so that processes that store the same lines never wait for each other in a circle. */
const inserting = (lines: readonly string[]): SQL => sql`
  with line as materialized (
    select distinct on (id) * from json_to_recordset(${`[${lines.join(',')}]`}::json) as line (${types}, "leaseId" text)
    order by id
  ), stored as (
    insert into generations (${columns}) select ${values} from line
    on conflict (id) do nothing
    returning id, organization_id, key_id, user_id, month, cost_nano
  )
  select organization_id as "organizationId", key_id as "keyId", user_id as "userId", stored.month, "leaseId",
    sum(cost_nano)::text as "costNano", string_agg(stored.id, ' ' order by stored.id) as ids
  from stored join line on line.id = stored.id
  where cost_nano > 0
  group by organization_id, key_id, user_id, stored.month, "leaseId"
  order by organization_id, min(stored.id)`;

/** Stores lines of the usage journal; returns what those cost that are new. */
export async function insertGenerations(
  transaction: Transaction,
  lines: readonly string[],
): Promise<readonly Debt[]> {
  const { rows } = await transaction.execute<Row>(inserting(lines));
  return rows.map(readRow);
}

const readRow = ({ organizationId, keyId, userId, month, leaseId, costNano, ids }: Row): Debt => ({
  organizationId,
  keyId,
  userId: userId ?? undefined,
  month: month ?? '',
  leaseId: leaseId ?? undefined,
  costNano: BigInt(costNano),
  ids,
});
