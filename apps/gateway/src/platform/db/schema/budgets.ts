import { sql } from 'drizzle-orm';
import { boolean, check, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment, nano } from './columns.ts';

/**
 * What an organization, a member and a key have spent in a month, and what is set aside for requests that run. Rows come
 * with the first request of the month; whoever changes one holds the organization's wallet, which puts changes in order.
 */
export const budgets = pgTable(
  'budgets',
  {
    organizationId: text('organization_id').notNull(),
    scope: text({ enum: ['organization', 'member', 'key'] }).notNull(),
    /** Id of the organization, user or key. */
    subject: text().notNull(),
    /** Such as `2026-11`, where the organization is. */
    month: text().notNull(),
    spentNano: nano('spent_nano')
      .notNull()
      .default(sql`0`),
    /** The sum of the leases that may be spent here. */
    heldNano: nano('held_nano')
      .notNull()
      .default(sql`0`),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.month, table.scope, table.subject] }),
    check('budgets_held_no_less_than_nothing', sql`${table.heldNano} >= 0`),
  ],
);

/** A slice of money that one gateway process may spend on one key's requests of one month, without asking again. */
export const budgetLeases = pgTable(
  'budget_leases',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id').notNull(),
    instanceId: text('instance_id').notNull(),
    keyId: text('key_id').notNull(),
    /** The member for whom the key acts. */
    userId: text('user_id'),
    month: text().notNull(),
    /** Neither charged nor given back yet. */
    outstandingNano: nano('outstanding_nano').notNull(),
    /** Holds no more than running requests need: there is nothing to be given back. */
    isExact: boolean('is_exact').notNull(),
  },
  (table) => [
    index('budget_leases_of_organization').on(table.organizationId),
    index('budget_leases_of_instance').on(table.instanceId),
    check('budget_leases_outstanding_no_less_than_nothing', sql`${table.outstandingNano} >= 0`),
  ],
);

/** The gateway processes that may hold leases. One that is not seen any more loses them. */
export const gatewayInstances = pgTable('gateway_instances', {
  id: text().primaryKey(),
  /** Of the data directory, where its journal is. */
  directoryId: text('directory_id').notNull(),
  startedAt: moment('started_at').notNull(),
  seenAt: moment('seen_at').notNull(),
});
