import { sql } from 'drizzle-orm';
import { inSystem, StatementFailure, type Stored } from '../../platform/db/index.ts';
import type { Generation } from './generation.ts';

/** How a member of a journal line becomes a column: its type in the line, and the expression that is stored. */
const COLUMNS = {
  id: ['id', 'text'],
  organizationId: ['organization_id', 'text'],
  keyId: ['key_id', 'text'],
  route: ['route', 'text'],
  securityTier: ['security_tier', 'text'],
  modelAsked: ['model_asked', 'text'],
  modelUsed: ['model_used', 'text'],
  modelsTried: ['models_tried', 'text[]'],
  billingTier: ['billing_tier', 'text'],
  outcome: ['outcome', 'text'],
  status: ['status', 'integer'],
  isStream: ['is_stream', 'boolean'],
  inputTokens: ['input_tokens', 'integer'],
  cachedInputTokens: ['cached_input_tokens', 'integer'],
  outputTokens: ['output_tokens', 'integer'],
  reasoningTokens: ['reasoning_tokens', 'integer'],
  usageSource: ['usage_source', 'text'],
  costNano: ['cost_nano', 'bigint'],
  startedAtMs: ['started_at', 'float8', 'to_timestamp("startedAtMs" / 1000)'],
  firstByteMs: ['first_byte_ms', 'float8', 'round("firstByteMs")'],
  latencyMs: ['latency_ms', 'float8', 'round("latencyMs")'],
} as const satisfies Record<
  keyof Generation,
  readonly [column: string, type: string, expression?: string]
>;

const members = Object.entries<readonly [string, string, string?]>(COLUMNS);
const columns = sql.raw(members.map(([, [column]]) => column).join(', '));
const values = sql.raw(
  members.map(([member, [, , expression]]) => expression ?? `"${member}"`).join(', '),
);
const types = sql.raw(members.map(([member, [, type]]) => `"${member}" ${type}`).join(', '));

/** Many customers' lines at once: hence past all scopes. */
const store = (database: Stored, lines: readonly string[]): Promise<unknown> =>
  inSystem(database, (transaction) =>
    transaction.execute(sql`
      insert into generations (${columns})
      select ${values} from json_to_recordset(${`[${lines.join(',')}]`}::json) as line (${types})
      on conflict (id) do nothing`),
  );

/**
 * Stores lines of the usage journal; those that are stored already stay as they are. Returns the lines that the database
 * will never take, found by halving; throws when it cannot be asked.
 */
export async function storeGenerations(
  database: Stored,
  lines: readonly string[],
): Promise<readonly string[]> {
  try {
    await store(database, lines);
    return [];
  } catch (error) {
    if (!isAboutTheData(error)) throw error;
    if (lines.length === 1) return lines;
  }
  const middle = Math.ceil(lines.length / 2);
  const first = await storeGenerations(database, lines.slice(0, middle));
  const second = await storeGenerations(database, lines.slice(middle));
  return [...first, ...second];
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint violation): the same line fails again tomorrow. */
function isAboutTheData(error: unknown): boolean {
  return error instanceof StatementFailure && /^2[23]/.test(error.sqlState);
}
