import { index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { createdAt } from './columns.ts';

/**
 * Who did what, and from where. Written in the transaction of the deed itself; append-only, which a trigger enforces: only
 * the address may be blanked out, when the person behind it is erased.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    id: text().primaryKey(),
    /** Null: a deed of an account that concerns no organization. */
    organizationId: text('organization_id'),
    actorKind: text('actor_kind', {
      enum: ['user', 'key', 'operator', 'system', 'anonymous'],
    }).notNull(),
    actorId: text('actor_id'),
    address: text(),
    action: text().notNull(),
    subject: text().notNull(),
    details: jsonb().$type<Readonly<Record<string, unknown>>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [
    index('audit_log_of_organization').on(table.organizationId, table.id),
    index('audit_log_of_actor').on(table.actorId, table.id),
  ],
);
