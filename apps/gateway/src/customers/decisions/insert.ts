import { sql } from 'drizzle-orm';
import type { Transaction } from '../../platform/db/index.ts';

/** Heard by whoever keeps conversations on their models; says lines of `<conversation> <model>`. */
export const PLACEMENTS_CHANNEL = 'conversation_placed';

/** Most requests of a busy gateway may name their model: their lines need not be read twice. */
const HAS_DECISION = '"decision":{';

interface StoredDecision extends Record<string, unknown> {
  readonly id: string;
  readonly conversation: string | null;
  readonly hasFeatures: boolean;
  /** `null`: nobody served, or everybody knows already. */
  readonly placedOn: string | null;
}

/** Stores the decisions in lines of the usage journal, beside their generations; those that are stored already stay. */
export async function insertDecisions(
  transaction: Transaction,
  journal: readonly string[],
): Promise<void> {
  const lines = journal.filter((line) => line.includes(HAS_DECISION));
  if (lines.length === 0) return;
  const { rows } = await transaction.execute<StoredDecision>(sql`
    insert into routing_decisions (generation_id, organization_id, key_id, user_id, decided_at, tier, preference, policy,
      rules, options, chosen, reason, model_used, features, conversation)
    select id, "organizationId", "keyId", "userId", to_timestamp("startedAtMs" / 1000), decision ->> 'tier',
      decision ->> 'preference', decision ->> 'policy', (decision -> 'rules')::jsonb, (decision -> 'options')::jsonb,
      decision ->> 'chosen', decision ->> 'reason', case outcome when 'success' then "modelUsed" end,
      decode(decision ->> 'features', 'base64'), decision ->> 'conversation'
    from json_to_recordset(${`[${lines.join(',')}]`}::json) as line (id text, "organizationId" text, "keyId" text,
      "userId" text, "startedAtMs" float8, outcome text, "modelUsed" text, decision json)
    where decision is not null
    order by id
    on conflict (generation_id) do nothing
    returning generation_id as id, conversation, features is not null as "hasFeatures",
      case when reason <> 'conversation' or model_used <> chosen then model_used end as "placedOn"`);
  const inConversations = rows.filter(({ conversation }) => conversation !== null);
  await noteRegenerations(
    transaction,
    inConversations.flatMap(({ id, hasFeatures }) => (hasFeatures ? [id] : [])),
  );
  await announcePlacements(
    transaction,
    inConversations.flatMap(({ conversation, placedOn }) =>
      placedOn === null ? [] : [`${conversation} ${placedOn}`],
    ),
  );
}

/** Who asks the very same again in a conversation was not pleased with the answer. A retry after a failure says nothing. */
async function noteRegenerations(transaction: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction.execute(sql`
    update routing_decisions as earlier set signal = 'regenerated', is_due = true
    from routing_decisions as later
    where later.generation_id = any(${sql.param(ids)}::text[])
      and earlier.conversation = later.conversation and earlier.organization_id = later.organization_id
      and earlier.decided_at between later.decided_at - interval '1 hour' and later.decided_at
      and earlier.generation_id < later.generation_id
      and earlier.features = later.features and earlier.signal is null and earlier.model_used is not null`);
}

/** A notification may have 8,000 bytes; one that is longer would take the whole transaction with it. */
const PLACEMENTS_PER_NOTIFICATION = 30;
const MAX_PLACEMENT_BYTES = 260;

async function announcePlacements(
  transaction: Transaction,
  placements: readonly string[],
): Promise<void> {
  const sent = placements.filter((line) => Buffer.byteLength(line) <= MAX_PLACEMENT_BYTES);
  if (sent.length === 0) return;
  const payloads: string[] = [];
  for (let at = 0; at < sent.length; at += PLACEMENTS_PER_NOTIFICATION)
    payloads.push(sent.slice(at, at + PLACEMENTS_PER_NOTIFICATION).join('\n'));
  await transaction.execute(sql`
    select pg_notify(${PLACEMENTS_CHANNEL}, payload) from unnest(${sql.param(payloads)}::text[]) as payload`);
}
