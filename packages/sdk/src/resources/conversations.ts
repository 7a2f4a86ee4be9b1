import type { RequestOptions } from '../transport.ts';
import type { Answering } from './answering.ts';
import { at } from './calls.ts';
import type { Calls } from './calls.ts';
import type { List, Listing, PageParams } from './listing.ts';

/** Whatever one wants to find again, e.g. ids of one's own. At most 4 KB as JSON. */
export type Metadata = Readonly<Record<string, unknown>>;

/** The body of {@link Conversations.create}. */
export interface NewConversation {
  /** At most 200 characters. */
  readonly title?: string | null | undefined;
  readonly metadata?: Metadata | null | undefined;
}

/** The body of {@link Conversations.update}. What is missing stays as it is; null clears. */
export interface ConversationChange {
  /** At most 200 characters. */
  readonly title?: string | null | undefined;
  readonly metadata?: Metadata | null | undefined;
}

/** The body of {@link Conversations.appendMessage}. */
export interface NewMessage {
  readonly role: 'user' | 'assistant' | 'system' | 'tool';
  /** At most 256 KB in UTF-8. */
  readonly content: string;
  readonly metadata?: Metadata | null | undefined;
}

/** A stored message. */
export interface Message {
  message_id: string;
  role: 'user' | 'assistant' | 'system' | 'tool';
  content: string;
  metadata: Record<string, unknown> | null;
  /** RFC 3339. */
  created_at: string;
}

/** A store for the messages of a chat. */
export interface Conversation {
  conversation_id: string;
  title: string | null;
  metadata: Record<string, unknown> | null;
  message_count: number;
  /** RFC 3339. */
  created_at: string;
  /** When it was changed or got its latest message. */
  updated_at: string;
}

/** A conversation with the first page of its messages. */
export interface ConversationDetail extends Conversation {
  messages: List<Message>;
}

/** Which conversations. */
export interface ConversationListParams extends PageParams {
  /** Only those with this text in their title or messages. */
  readonly q?: string | undefined;
}

/** `client.conversations`: storage only; no model is ever called. */
export class Conversations {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Creates a conversation. */
  create(conversation: NewConversation = {}, options?: RequestOptions): Answering<Conversation> {
    return this.#calls.post('/conversations', conversation, options);
  }

  /** The conversations, the newest first; with `q` those that contain a text. */
  list(page: ConversationListParams = {}, options?: RequestOptions): Listing<Conversation> {
    return this.#calls.list('/conversations', page, options);
  }

  /** Describes one, with its first messages. */
  get(conversationId: string, options?: RequestOptions): Answering<ConversationDetail> {
    return this.#calls.get(at`/conversations/${conversationId}`, options);
  }

  /** Changes the title or the metadata. */
  update(
    conversationId: string,
    change: ConversationChange,
    options?: RequestOptions,
  ): Answering<Conversation> {
    return this.#calls.patch(at`/conversations/${conversationId}`, change, options);
  }

  /** Deletes it and its messages. */
  delete(conversationId: string, options?: RequestOptions): Answering<void> {
    return this.#calls.order('DELETE', at`/conversations/${conversationId}`, options);
  }

  /** Stores a message. A retried call stores it once. */
  appendMessage(
    conversationId: string,
    message: NewMessage,
    options?: RequestOptions,
  ): Answering<Message> {
    return this.#calls.post(at`/conversations/${conversationId}/messages`, message, options);
  }

  /** The messages, the oldest first. */
  listMessages(
    conversationId: string,
    page: PageParams = {},
    options?: RequestOptions,
  ): Listing<Message> {
    return this.#calls.list(at`/conversations/${conversationId}/messages`, page, options);
  }

  /** The whole conversation as the text of a file: `json`, which is the default, or `markdown`. */
  export(
    conversationId: string,
    file: { readonly format?: 'json' | 'markdown' | undefined } = {},
    options?: RequestOptions,
  ): Answering<string> {
    return this.#calls.text(at`/conversations/${conversationId}/export`, file, options);
  }
}
