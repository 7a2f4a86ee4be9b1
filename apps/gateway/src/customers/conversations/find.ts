import type { MemberActor } from '../../platform/actor.ts';
import { conversations, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { isConversation, type Conversation } from './conversation.ts';

export async function findConversation(
  transaction: Transaction,
  actor: MemberActor,
  conversationId: string,
): Promise<Conversation> {
  const [stored] = await transaction
    .select()
    .from(conversations)
    .where(isConversation(actor, conversationId));
  if (stored === undefined) throw new Refusal('not_found');
  return stored;
}
