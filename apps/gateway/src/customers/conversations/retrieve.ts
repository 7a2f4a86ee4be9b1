import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant } from '../../platform/db/index.ts';
import type { Page } from '../../platform/page.ts';
import type { Conversation, Message } from './conversation.ts';
import { findConversation } from './find.ts';
import { readMessages } from './list-messages.ts';

const FIRST_PAGE = { limit: 20 };

/** With the first page of its messages. */
export function retrieveConversation(
  ctx: Context<MemberActor>,
  conversationId: string,
): Promise<{ readonly conversation: Conversation; readonly messages: Page<Message> }> {
  return inTenant(ctx, ctx.actor.organizationId, async (transaction) => ({
    conversation: await findConversation(transaction, ctx.actor, conversationId),
    messages: await readMessages(transaction, conversationId, FIRST_PAGE),
  }));
}
