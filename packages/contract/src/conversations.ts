import { z } from 'zod';
import { BODY_REFUSALS, CREATION_REFUSALS, endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { id, listOf, PageQuery, time } from './values.ts';

const METADATA_BYTES = 4 * 1024;
const CONTENT_BYTES = 256 * 1024;
/** A text in JSON can be six times as long as its UTF-8: `\u0001`. */
const MESSAGE_BODY_BYTES = 6 * (CONTENT_BYTES + METADATA_BYTES) + 1024;

const utf8Length = (text: string): number => {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) bytes += 1;
    else if (point < 0x800) bytes += 2;
    else bytes += point < 0x1_00_00 ? 3 : 4;
  }
  return bytes;
};

const title = z.string().trim().max(200);

const metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => utf8Length(JSON.stringify(value)) <= METADATA_BYTES, {
    message: 'must be at most 4 KB as JSON in UTF-8',
  })
  .describe('Whatever you want to find here again, e.g. ids of your own. At most 4 KB as JSON.');

const fields = {
  title: title.nullable().optional(),
  metadata: metadata.nullable().optional(),
};

export const NewConversation = z.strictObject(fields);

export type NewConversation = z.output<typeof NewConversation>;

/** What is missing stays as it is; null clears. */
export const ConversationChange = z.strictObject(fields);

export type ConversationChange = z.output<typeof ConversationChange>;

export const NewMessage = z.strictObject({
  role: z.enum(['user', 'assistant', 'system', 'tool']),
  content: z
    .string()
    .refine((text) => utf8Length(text) <= CONTENT_BYTES, {
      message: 'must be at most 256 KB in UTF-8',
    })
    .describe('At most 256 KB in UTF-8.'),
  metadata: fields.metadata,
});

export type NewMessage = z.output<typeof NewMessage>;

const StoredMetadata = z.record(z.string(), z.unknown()).nullable();

export const Message = z.object({
  message_id: id('msg'),
  role: NewMessage.shape.role,
  content: z.string(),
  metadata: StoredMetadata,
  created_at: time(),
});

export type Message = z.output<typeof Message>;

export const MessageList = listOf(Message);

export type MessageList = z.output<typeof MessageList>;

export const Conversation = z.object({
  conversation_id: id('conv'),
  title: z.string().nullable(),
  metadata: StoredMetadata,
  message_count: z.int(),
  created_at: time(),
  updated_at: time().describe('When it was changed or got its latest message.'),
});

export type Conversation = z.output<typeof Conversation>;

export const ConversationList = listOf(Conversation);

export type ConversationList = z.output<typeof ConversationList>;

export const ConversationDetail = Conversation.extend({
  messages: MessageList.describe('The first page of its messages.'),
});

export type ConversationDetail = z.output<typeof ConversationDetail>;

export const ConversationExport = Conversation.extend({ messages: z.array(Message) });

export type ConversationExport = z.output<typeof ConversationExport>;

export const ConversationMarkdown = z.string().describe('A heading for each message.');

const ConversationQuery = PageQuery.extend({
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Only conversations with this text in their title or messages, in whatever case.'),
});

const ExportQuery = z.strictObject({ format: z.enum(['json', 'markdown']).default('json') });

const ExportHeaders = z.object({
  'Content-Disposition': z.string().describe('Names the file.'),
});

const params = z.object({ conversation_id: id('conv') });

const common = { tag: 'conversations', caller: 'member', action: 'conversations.use' } as const;

export const createConversation = endpoint({
  ...common,
  method: 'POST',
  path: '/v1/conversations',
  summary: 'Create a conversation',
  description: 'It stores messages and never calls a model.',
  request: { body: { 'application/json': NewConversation } },
  answers: {
    201: { description: 'It exists.', content: { 'application/json': Conversation } },
  },
  refusals: [...MEMBER_REFUSALS, ...CREATION_REFUSALS],
});

export const listConversations = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/conversations',
  summary: 'List or search conversations',
  description:
    'The newest first. A search looks through a bounded amount of text for each page, so a page may hold fewer entries than ' +
    '`limit`, even none, while `has_more` is true: go on with `next_cursor`. Of a very long conversation its newest messages ' +
    'are searched.',
  request: { query: ConversationQuery },
  answers: {
    200: { description: 'One page.', content: { 'application/json': ConversationList } },
  },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const retrieveConversation = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/conversations/{conversation_id}',
  summary: 'Describe a conversation, with its first messages',
  request: { params },
  answers: {
    200: {
      description: 'It and its messages.',
      content: { 'application/json': ConversationDetail },
    },
  },
  refusals: MEMBER_REFUSALS,
});

export const updateConversation = endpoint({
  ...common,
  method: 'PATCH',
  path: '/v1/conversations/{conversation_id}',
  summary: 'Change the title or the metadata',
  description: 'What is missing stays as it is; null clears.',
  request: { params, body: { 'application/json': ConversationChange } },
  answers: {
    200: { description: 'As it is now.', content: { 'application/json': Conversation } },
  },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS],
});

export const deleteConversation = endpoint({
  ...common,
  method: 'DELETE',
  path: '/v1/conversations/{conversation_id}',
  summary: 'Delete a conversation and its messages',
  request: { params },
  answers: { 204: { description: 'It is gone.', content: {} } },
  refusals: MEMBER_REFUSALS,
});

export const appendMessage = endpoint({
  ...common,
  method: 'POST',
  path: '/v1/conversations/{conversation_id}/messages',
  summary: 'Append a message',
  description: 'It is stored, nothing else: no model is called.',
  request: {
    params,
    body: { 'application/json': NewMessage },
    maxBodyBytes: MESSAGE_BODY_BYTES,
  },
  answers: { 201: { description: 'It is stored.', content: { 'application/json': Message } } },
  refusals: [...MEMBER_REFUSALS, ...CREATION_REFUSALS],
});

export const listMessages = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/conversations/{conversation_id}/messages',
  summary: 'List the messages of a conversation',
  description: 'The oldest first.',
  request: { params, query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': MessageList } } },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const exportConversation = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/conversations/{conversation_id}/export',
  summary: 'Export a conversation as a file',
  description: 'Messages that are appended meanwhile are left out.',
  request: { params, query: ExportQuery },
  answers: {
    200: {
      description: 'The file.',
      headers: ExportHeaders,
      content: {
        'application/json': ConversationExport,
        'text/markdown': ConversationMarkdown,
      },
    },
  },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});
