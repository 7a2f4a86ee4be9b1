import { index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { createdAt } from './columns.ts';

/** Who did what. Written in the transaction of the deed itself; append-only, which a trigger enforces. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id'),
    actor: text().notNull(),
    action: text().notNull(),
    subject: text().notNull(),
    details: jsonb().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [index('audit_log_of_organization').on(table.organizationId, table.createdAt)],
);
