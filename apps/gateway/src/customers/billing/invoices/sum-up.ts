import { nanoUsd } from '@sealgate/contract';
import { sql } from 'drizzle-orm';
import type { Transaction } from '../../../platform/db/index.ts';
import type { InvoiceLine } from './invoice.ts';

/** Which entries of a wallet: those after the first position, up to and with the last. */
export interface Stretch {
  readonly organizationId: string;
  readonly after: bigint;
  readonly last: bigint;
}

interface Sum extends Record<string, unknown> {
  readonly kind: string;
  readonly billingTier: string | null;
  readonly model: string | null;
  readonly entries: string;
  readonly inputTokens: string;
  readonly outputTokens: string;
  readonly amountNano: string;
  readonly lastPosition: string;
}

/** A statement has ten seconds; this takes less than one. */
const ENTRIES_AT_ONCE = 100_000;
/** More than any catalogue; what comes after them is told in one line for each tier. */
const MOST_USAGE_LINES = 200;

/** What a wallet has gained and paid, by kind, and usage by tier and model. */
export async function sumUp(
  transaction: Transaction,
  { organizationId, after, last }: Stretch,
): Promise<readonly InvoiceLine[]> {
  const lines = new Map<string, InvoiceLine>();
  for (let position = after; position < last;) {
    const sums = await sumSlice(transaction, { organizationId, after: position, last });
    for (const sum of sums) add(lines, lineOf(sum));
    const reached = sums.map(({ lastPosition }) => BigInt(lastPosition));
    if (reached.length === 0) break;
    position = reached.reduce((one, other) => (one > other ? one : other));
  }
  return inOrder(withinBounds([...lines.values()]));
}

async function sumSlice(
  transaction: Transaction,
  { organizationId, after, last }: Stretch,
): Promise<readonly Sum[]> {
  const { rows } = await transaction.execute<Sum>(sql`
    with slice as (
      select position, kind, request_id, amount_nano from ledger_entries
      where organization_id = ${organizationId} and account = 'wallet'
        and position > ${after} and position <= ${last}
      order by position limit ${ENTRIES_AT_ONCE})
    select slice.kind, billing_tier as "billingTier", model_used as model, count(*)::text as entries,
      coalesce(sum(input_tokens), 0)::text as "inputTokens",
      coalesce(sum(output_tokens), 0)::text as "outputTokens",
      sum(amount_nano)::text as "amountNano", max(position)::text as "lastPosition"
    from slice left join generations
      on slice.kind = 'usage' and generations.id = slice.request_id
        and generations.organization_id = ${organizationId}
    group by slice.kind, billing_tier, model_used`);
  return rows;
}

const lineOf = (sum: Sum): InvoiceLine => ({
  kind: sum.kind,
  billingTier: sum.billingTier,
  model: sum.model,
  entries: BigInt(sum.entries),
  inputTokens: BigInt(sum.inputTokens),
  outputTokens: BigInt(sum.outputTokens),
  amountNano: nanoUsd(BigInt(sum.amountNano)),
});

function add(lines: Map<string, InvoiceLine>, line: InvoiceLine): void {
  const name = JSON.stringify([line.kind, line.billingTier, line.model]);
  const earlier = lines.get(name);
  lines.set(
    name,
    earlier === undefined
      ? line
      : {
          ...line,
          entries: earlier.entries + line.entries,
          inputTokens: earlier.inputTokens + line.inputTokens,
          outputTokens: earlier.outputTokens + line.outputTokens,
          amountNano: nanoUsd(earlier.amountNano + line.amountNano),
        },
  );
}

/** What was paid most for comes first, as usage is below zero; what has no name comes last. */
function byAmount(one: InvoiceLine, other: InvoiceLine): number {
  if ((one.model === null) !== (other.model === null)) return one.model === null ? 1 : -1;
  if (one.amountNano === other.amountNano) return (one.model ?? '') < (other.model ?? '') ? -1 : 1;
  return one.amountNano < other.amountNano ? -1 : 1;
}

function withinBounds(lines: readonly InvoiceLine[]): readonly InvoiceLine[] {
  const usage = lines.filter(({ kind }) => kind === 'usage').toSorted(byAmount);
  const kept = new Map<string, InvoiceLine>();
  for (const [index, line] of usage.entries()) {
    add(kept, index < MOST_USAGE_LINES ? line : { ...line, model: null });
  }
  return [...lines.filter(({ kind }) => kind !== 'usage'), ...kept.values()];
}

/** As people read it: what came in, what was taken back, what was used. */
const KINDS = [
  'start_credit',
  'top_up',
  'credit',
  'refund',
  'adjustment',
  'top_up_refund',
  'top_up_refund_reversal',
  'dispute',
  'dispute_reversal',
  'plan_fee',
];
const TIERS = ['fast', 'balanced', 'passthrough', 'byok'];

function inOrder(lines: readonly InvoiceLine[]): readonly InvoiceLine[] {
  const rank = ({ kind }: InvoiceLine): number => {
    if (kind === 'usage') return KINDS.length + 1;
    return KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length;
  };
  const tierRank = ({ billingTier }: InvoiceLine): number => TIERS.indexOf(billingTier ?? '');
  return lines.toSorted(
    (one, other) =>
      rank(one) - rank(other) || tierRank(one) - tierRank(other) || byAmount(one, other),
  );
}
