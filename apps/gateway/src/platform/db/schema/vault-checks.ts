import { pgTable, text } from 'drizzle-orm/pg-core';
import { bytea } from './columns.ts';

/** A text that only the right master key opens. `next` is there while the master key is being changed. */
export const vaultChecks = pgTable('vault_checks', {
  name: text({ enum: ['current', 'next'] }).primaryKey(),
  sealed: bytea().notNull(),
});
