import { and, asc, eq, gt } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, messages, type Transaction } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';
import type { Message } from './conversation.ts';
import { findConversation } from './find.ts';

/** The oldest first. */
export function listMessages(
  ctx: Context<MemberActor>,
  { conversationId, ...page }: PageRequest & { readonly conversationId: string },
): Promise<Page<Message>> {
  return inTenant(ctx, ctx.actor.organizationId, async (transaction) => {
    await findConversation(transaction, ctx.actor, conversationId);
    return readMessages(transaction, conversationId, page);
  });
}

/** Of a conversation that the actor may see. */
export async function readMessages(
  transaction: Transaction,
  conversationId: string,
  page: PageRequest,
): Promise<Page<Message>> {
  const isHere = eq(messages.conversationId, conversationId);
  const last =
    page.after === undefined
      ? undefined
      : transaction
          .select({ position: messages.position })
          .from(messages)
          .where(and(isHere, eq(messages.id, page.after)));
  const rows = await transaction
    .select()
    .from(messages)
    .where(and(isHere, last && gt(messages.position, last)))
    .orderBy(asc(messages.position))
    .limit(page.limit + 1);
  return cutPage(rows, page);
}
