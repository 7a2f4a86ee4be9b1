import { and, asc, eq, gt, lte } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, messages } from '../../platform/db/index.ts';
import type { Conversation, Message } from './conversation.ts';
import { findConversation } from './find.ts';

export interface ConversationExport {
  readonly conversation: Conversation;
  /** Those that the conversation has by now, the oldest first. */
  readonly pages: AsyncIterable<readonly Message[]>;
}

/** A message has up to 256 KB: no more than this is in memory at a time. */
const MESSAGES_PER_PAGE = 50;

/** Holds no connection between pages, however slowly they are read. */
export async function exportConversation(
  ctx: Context<MemberActor>,
  conversationId: string,
): Promise<ConversationExport> {
  const conversation = await inTenant(ctx, ctx.actor.organizationId, (transaction) =>
    findConversation(transaction, ctx.actor, conversationId),
  );
  return { conversation, pages: readPages(ctx, conversation) };
}

async function* readPages(
  ctx: Context<MemberActor>,
  { id, messageCount }: Conversation,
): AsyncGenerator<readonly Message[]> {
  let last = 0;
  while (last < messageCount) {
    const page = await readPage(ctx, { id, from: last, to: messageCount });
    const newest = page.at(-1);
    // A file that lacks messages must not look whole.
    if (newest === undefined) throw new Error('a conversation was deleted during its export');
    yield page;
    last = newest.position;
  }
}

function readPage(
  ctx: Context<MemberActor>,
  { id, from, to }: { readonly id: string; readonly from: number; readonly to: number },
): Promise<readonly Message[]> {
  return inTenant(ctx, ctx.actor.organizationId, (transaction) =>
    transaction
      .select()
      .from(messages)
      .where(
        and(
          eq(messages.conversationId, id),
          gt(messages.position, from),
          lte(messages.position, to),
        ),
      )
      .orderBy(asc(messages.position))
      .limit(MESSAGES_PER_PAGE),
  );
}
