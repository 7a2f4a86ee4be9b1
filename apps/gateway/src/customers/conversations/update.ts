import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { conversations, inTenant } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { isConversation, type Conversation, type Metadata } from './conversation.ts';

export interface ConversationChange {
  readonly conversationId: string;
  /** `undefined`: as it is. `null`: none. */
  readonly title?: string | null | undefined;
  readonly metadata?: Metadata | null | undefined;
}

export function updateConversation(
  ctx: Context<MemberActor>,
  { conversationId, ...change }: ConversationChange,
): Promise<Conversation> {
  const { actor } = ctx;
  const changed = Object.entries(change).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  return inTenant(ctx, actor.organizationId, async (transaction) => {
    const [stored] =
      changed.length === 0
        ? await transaction
            .select()
            .from(conversations)
            .where(isConversation(actor, conversationId))
        : await transaction
            .update(conversations)
            .set({ ...change, updatedAt: new Date(ctx.clock()) })
            .where(isConversation(actor, conversationId))
            .returning();
    if (stored === undefined) throw new Refusal('not_found');
    if (changed.length === 0) return stored;
    await recordDeed(transaction, ctx, {
      action: 'conversation.update',
      subject: conversationId,
      organizationId: actor.organizationId,
      details: { changed },
    });
    return stored;
  });
}
