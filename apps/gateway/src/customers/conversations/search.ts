import { and, desc, eq, gt, inArray, lt, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { conversations, inTenant, messages, type Transaction } from '../../platform/db/index.ts';
import type { Page, PageRequest } from '../../platform/page.ts';
import type { Conversation } from './conversation.ts';

/** What one page may cost. Search reads the texts: no index finds two Chinese characters, or looks past row-level security. */
const MOST_CONVERSATIONS = 1_000;
const MOST_MESSAGES = 5_000;
const MOST_BYTES = 16 * 1024 * 1024;

export interface ConversationSearch extends PageRequest {
  /** In titles and messages, in whatever case. */
  readonly text: string;
}

/**
 * The newest first. A page ends when it is full or has cost enough; the next one goes on from there. Of a conversation that
 * alone costs more, only the newest messages are searched.
 */
export function searchConversations(
  ctx: Context<MemberActor>,
  search: ConversationSearch,
): Promise<Page<Conversation>> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const ahead = await readAhead(transaction, organizationId, search);
    const affordable = take(ahead, (messageCount) => messageCount <= MOST_MESSAGES, countOf);
    const looks = await lookInto(transaction, affordable, search.text);
    const bytesOf = ({ id }: Ahead): number => looks.get(id)?.bytes ?? 0;
    const covered = take(affordable, (bytes) => bytes <= MOST_BYTES, bytesOf);
    const hits = covered.filter(({ id, isHit }) => isHit || looks.get(id)?.isHit === true);
    const ids = hits.slice(0, search.limit).map(({ id }) => id);
    const isAllCovered = covered.length === ahead.length && ahead.length < MOST_CONVERSATIONS;
    const nextCursor = isAllCovered ? undefined : covered.at(-1)?.id;
    return {
      entries: await readAll(transaction, organizationId, ids),
      nextCursor: hits.length > search.limit ? ids.at(-1) : nextCursor,
    };
  });
}

/** A conversation that comes next, before its messages are read. */
interface Ahead {
  readonly id: string;
  readonly messageCount: number;
  /** By its title. */
  readonly isHit: boolean;
}

const countOf = ({ messageCount }: Ahead): number => messageCount;

/** As many as can be had, but one at least: a search must get on. */
function take(
  ahead: readonly Ahead[],
  isAffordable: (sum: number) => boolean,
  costOf: (each: Ahead) => number,
): readonly Ahead[] {
  let sum = 0;
  const end = ahead.findIndex((each) => !isAffordable((sum += costOf(each))));
  return end === -1 ? ahead : ahead.slice(0, Math.max(end, 1));
}

/** Not LIKE: the text is no pattern. */
const contains = (column: PgColumn | SQL, text: string): SQL<boolean> =>
  sql<boolean>`coalesce(strpos(lower(${column}), lower(${text})) > 0, false)`;

function readAhead(
  transaction: Transaction,
  organizationId: string,
  { text, after }: ConversationSearch,
): Promise<readonly Ahead[]> {
  return transaction
    .select({
      id: conversations.id,
      messageCount: conversations.messageCount,
      isHit: contains(conversations.title, text),
    })
    .from(conversations)
    .where(
      and(
        eq(conversations.organizationId, organizationId),
        after === undefined ? undefined : lt(conversations.id, after),
      ),
    )
    .orderBy(desc(conversations.id))
    .limit(MOST_CONVERSATIONS);
}

interface Look {
  readonly isHit: boolean;
  /** Of its searched messages. */
  readonly bytes: number;
}

/** Lengths are known without reading a text; those beyond the limit are not read. */
async function lookInto(
  transaction: Transaction,
  ahead: readonly Ahead[],
  text: string,
): Promise<ReadonlyMap<string, Look>> {
  const [first, second] = ahead;
  if (first === undefined) return new Map();
  const bytes = sql<number>`octet_length(${messages.content})`;
  const measured = transaction
    .select({
      conversationId: messages.conversationId,
      content: messages.content,
      bytes: bytes.as('bytes'),
      read: sql<number>`sum(${bytes}) over (order by ${messages.conversationId} desc, ${messages.position} desc)`.as(
        'read',
      ),
    })
    .from(messages)
    .where(
      and(
        inArray(
          messages.conversationId,
          ahead.map(({ id }) => id),
        ),
        second === undefined
          ? gt(messages.position, first.messageCount - MOST_MESSAGES)
          : undefined,
      ),
    )
    .as('measured');
  const rows = await transaction
    .select({
      id: measured.conversationId,
      bytes: sql`sum(${measured.bytes})`.mapWith(Number),
      isHit: sql<boolean>`bool_or(case when ${measured.read} <= ${MOST_BYTES} then ${contains(measured.content, text)} else false end)`,
    })
    .from(measured)
    .groupBy(measured.conversationId);
  return new Map(rows.map(({ id, ...look }) => [id, look]));
}

function readAll(
  transaction: Transaction,
  organizationId: string,
  ids: readonly string[],
): Promise<readonly Conversation[]> {
  return transaction
    .select()
    .from(conversations)
    .where(
      and(eq(conversations.organizationId, organizationId), inArray(conversations.id, [...ids])),
    )
    .orderBy(desc(conversations.id));
}
