import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { conversations, inTenant } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { isConversation } from './conversation.ts';

/** With all its messages. */
export function deleteConversation(
  ctx: Context<MemberActor>,
  conversationId: string,
): Promise<void> {
  const { actor } = ctx;
  return inTenant(ctx, actor.organizationId, async (transaction) => {
    const deleted = await transaction
      .delete(conversations)
      .where(isConversation(actor, conversationId))
      .returning({ id: conversations.id });
    if (deleted.length === 0) throw new Refusal('not_found');
    await recordDeed(transaction, ctx, {
      action: 'conversation.delete',
      subject: conversationId,
      organizationId: actor.organizationId,
    });
  });
}
