import { index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment } from './columns.ts';

/** Mails that were decided on in a transaction and are still to be sent. A sent one is deleted. */
export const outboxMails = pgTable(
  'outbox_mails',
  {
    id: text().primaryKey(),
    /** To be deleted with the person. */
    userId: text('user_id'),
    /** Sealed by the vault: address, template and its values, among them tokens. */
    mail: bytea().notNull(),
    createdAt: createdAt(),
    attempts: integer().notNull().default(0),
    nextAttemptAt: moment('next_attempt_at').notNull(),
  },
  (table) => [index('outbox_mails_to_send').on(table.nextAttemptAt)],
);
