import { pgTable, text } from 'drizzle-orm/pg-core';
import { createdAt } from './columns.ts';

export const organizations = pgTable('organizations', {
  id: text().primaryKey(),
  name: text().notNull(),
  kind: text({ enum: ['personal', 'team'] }).notNull(),
  /** IANA name; months of caps and invoices begin in it. */
  timeZone: text('time_zone').notNull().default('UTC'),
  createdAt: createdAt(),
});
