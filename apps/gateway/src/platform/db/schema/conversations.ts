import { bigint, index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { createdAt, moment } from './columns.ts';
import { organizations } from './organizations.ts';

export const conversations = pgTable(
  'conversations',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** Whose it is: a member, or the key that acted. */
    userId: text('user_id'),
    keyId: text('key_id'),
    title: text(),
    metadata: jsonb().$type<Readonly<Record<string, unknown>>>(),
    messageCount: bigint('message_count', { mode: 'number' }).notNull().default(0),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [
    index('conversations_of_organization').on(table.organizationId, table.id),
    index('conversations_of_user').on(table.organizationId, table.userId, table.id),
  ],
);

export const messages = pgTable(
  'messages',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id').notNull(),
    conversationId: text('conversation_id')
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    /** 1, 2, 3 … in the order of appending: ids of one millisecond have no order. */
    position: bigint({ mode: 'number' }).notNull(),
    role: text({ enum: ['user', 'assistant', 'system', 'tool'] }).notNull(),
    content: text().notNull(),
    metadata: jsonb().$type<Readonly<Record<string, unknown>>>(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('messages_of_conversation').on(table.conversationId, table.position),
    index('messages_of_organization').on(table.organizationId),
  ],
);
