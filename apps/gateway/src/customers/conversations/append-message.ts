import { sql } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { conversations, inTenant, messages } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { isConversation, type Message, type Metadata } from './conversation.ts';

export interface MessageToAppend {
  readonly conversationId: string;
  readonly role: Message['role'];
  readonly content: string;
  readonly metadata?: Metadata | null | undefined;
}

/**
 * Stores the message, nothing else. No row in the audit log: messages are what customers keep here, not what is done with
 * it; they cannot be changed, and a second row for each would double the work.
 */
export function appendMessage(
  ctx: Context<MemberActor>,
  { conversationId, role, content, metadata }: MessageToAppend,
): Promise<Message> {
  const { organizationId } = ctx.actor;
  const now = new Date(ctx.clock());
  return inTenant(ctx, organizationId, async (transaction) => {
    // Locks the conversation: whoever appends at the same time gets the next position.
    const [counted] = await transaction
      .update(conversations)
      .set({ messageCount: sql`${conversations.messageCount} + 1`, updatedAt: now })
      .where(isConversation(ctx.actor, conversationId))
      .returning({ position: conversations.messageCount });
    if (counted === undefined) throw new Refusal('not_found');
    const [stored] = await transaction
      .insert(messages)
      .values({
        id: ctx.newId('message'),
        organizationId,
        conversationId,
        position: counted.position,
        role,
        content,
        metadata: metadata ?? null,
        createdAt: now,
      })
      .returning();
    if (stored === undefined) throw new Error('impossible: an insert without a row');
    return stored;
  });
}
