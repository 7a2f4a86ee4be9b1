import type {
  Conversation as PrintedConversation,
  Message as PrintedMessage,
} from '@sealgate/contract';
import type { Conversation, Message } from '../../customers/conversations/index.ts';

export const printConversation = (conversation: Conversation): PrintedConversation => ({
  conversation_id: conversation.id,
  title: conversation.title,
  metadata: conversation.metadata,
  message_count: conversation.messageCount,
  created_at: conversation.createdAt.toISOString(),
  updated_at: conversation.updatedAt.toISOString(),
});

export const printMessage = (message: Message): PrintedMessage => ({
  message_id: message.id,
  role: message.role,
  content: message.content,
  metadata: message.metadata,
  created_at: message.createdAt.toISOString(),
});
