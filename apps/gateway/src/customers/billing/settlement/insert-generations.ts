import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../../../platform/db/index.ts';
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

/** A generation that was not stored before. */
export interface NewGeneration {
  readonly id: string;
  readonly organizationId: string;
  readonly keyId: string;
  readonly userId: string | undefined;
  readonly month: string;
  readonly costNano: bigint;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly organizationId: string;
  readonly keyId: string;
  readonly userId: string | null;
  readonly month: string | null;
  readonly costNano: string;
}

/** In one order, so that processes that store the same lines never wait for each other in a circle. */
const inserting = (lines: readonly string[]): SQL => sql`
  insert into generations (${columns})
  select ${values} from json_to_recordset(${`[${lines.join(',')}]`}::json) as line (${types})
  order by id
  on conflict (id) do nothing
  returning id, organization_id as "organizationId", key_id as "keyId", user_id as "userId", month,
    cost_nano::text as "costNano"`;

/** Stores lines of the usage journal; returns those that are new, in the order of their ids. */
export async function insertGenerations(
  transaction: Transaction,
  lines: readonly string[],
): Promise<readonly NewGeneration[]> {
  const { rows } = await transaction.execute<Row>(inserting(lines));
  return rows.map(readRow).toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

const readRow = ({ id, organizationId, keyId, userId, month, costNano }: Row): NewGeneration => ({
  id,
  organizationId,
  keyId,
  userId: userId ?? undefined,
  month: month ?? '',
  costNano: BigInt(costNano),
});
