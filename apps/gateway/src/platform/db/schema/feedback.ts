import { index, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { createdAt, moment } from './columns.ts';

/** One vote for each generation; the latest wins. No foreign key: the generation may still be in the journal. */
export const feedback = pgTable(
  'feedback',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id').notNull(),
    generationId: text('generation_id').notNull().unique(),
    userId: text('user_id'),
    keyId: text('key_id'),
    rating: smallint().$type<1 | -1>().notNull(),
    comment: text(),
    tags: text().array().notNull(),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [index('feedback_of_organization').on(table.organizationId, table.updatedAt)],
);
