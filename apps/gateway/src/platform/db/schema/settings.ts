import { jsonb, pgTable, text } from 'drizzle-orm/pg-core';

/** Facts about this installation as a whole, such as its id. */
export const settings = pgTable('settings', {
  key: text().primaryKey(),
  value: jsonb().notNull(),
});
