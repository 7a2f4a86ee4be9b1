import { sql, type SQL } from 'drizzle-orm';
import { inSystem, StatementFailure, type Stored } from '../../../platform/db/index.ts';
import type { Generation } from '../usage/generation.ts';

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

/** Only what was not stored before is returned, and so paid for. In one order, as wallets below. */
const storing = (lines: readonly string[]): SQL => sql`
  insert into generations (${columns})
  select ${values} from json_to_recordset(${`[${lines.join(',')}]`}::json) as line (${types})
  order by id
  on conflict (id) do nothing
  returning id, organization_id, cost_nano`;

/** In one order, so that processes that touch the same wallets never wait for each other in a circle. */
const moving = sql`
  insert into wallets (organization_id, balance_nano)
  select organization_id, -sum(cost_nano) from charged group by organization_id order by organization_id
  on conflict (organization_id) do update set balance_nano = wallets.balance_nano + excluded.balance_nano
  returning organization_id, balance_nano`;

/** The balance after each charge: that after all of them, and what the later ones take. */
const balances = sql`
  select id, organization_id, cost_nano,
    balance_nano + sum(cost_nano) over (partition by organization_id order by id desc) - cost_nano as balance_nano
  from charged join moved using (organization_id)`;

const booking = sql`
  insert into ledger_entries
    (id, transfer_id, organization_id, account, kind, amount_nano, balance_nano, request_id)
  select 'led_' || substr(id, 5) || left(account, 1), 'trf_' || substr(id, 5), organization_id, account, 'usage',
    sign * cost_nano, case account when 'wallet' then balance_nano end, id
  from balances cross join (values ('wallet', -1), ('revenue', 1)) as side (account, sign)
  order by organization_id, id`;

/** Many customers’ lines at once: hence past all scopes. */
const store = (database: Stored, lines: readonly string[]): Promise<unknown> =>
  inSystem(database, (transaction) =>
    transaction.execute(sql`
      with stored as (${storing(lines)}),
        charged as (select * from stored where cost_nano > 0),
        moved as (${moving}),
        balances as (${balances})
      ${booking}`),
  );

/**
 * Stores lines of the usage journal and books what they cost, in one statement; those that are stored already stay as they
 * are. A wallet may sink below nothing here: what was used must be paid, and nobody is refused for it yet. Returns the lines
 * that the database will never take, found by halving; throws when it cannot be asked.
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
  const middle = lines.length >> 1;
  const first = await storeGenerations(database, lines.slice(0, middle));
  const second = await storeGenerations(database, lines.slice(middle));
  return [...first, ...second];
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint violation): the same line fails again tomorrow. */
function isAboutTheData(error: unknown): boolean {
  return error instanceof StatementFailure && /^2[23]/.test(error.sqlState);
}
