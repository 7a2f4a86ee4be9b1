import { sql } from 'drizzle-orm';
import { boolean, check, index, pgTable, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { alertChannel, bytea, createdAt, moment, nano } from './columns.ts';

export const organizations = pgTable(
  'organizations',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    kind: text({ enum: ['personal', 'team'] }).notNull(),
    /** IANA name; months of caps and invoices begin in it. */
    timeZone: text('time_zone').notNull().default('UTC'),
    /** The key that founded it and may act in it, beside its own organization. */
    createdByKey: text('created_by_key'),
    /** Null: no quota. */
    monthlySpendQuotaNano: nano('monthly_spend_quota_nano'),
    ...alertChannel(),
    /** The balance below which it is told. Null: never. */
    lowBalanceAlertNano: nano('low_balance_alert_nano'),
    /** Do its owner and its admins get alerts by mail? */
    areAlertsMailed: boolean('are_alerts_mailed').notNull().default(true),
    /** By its id in the configuration. The default is the plan that is always there. */
    planId: text('plan_id').notNull().default('pay-as-you-go'),
    /** What comes after it, from the first moment of a month on. */
    nextPlanId: text('next_plan_id'),
    /** Such as `2026-12`. */
    nextPlanMonth: text('next_plan_month'),
    createdAt: createdAt(),
    /** The row stays for the ledger. */
    deletedAt: moment('deleted_at'),
  },
  (table) => [
    // Few have one; the clock asks for them every minute.
    index('organizations_on_plan')
      .on(table.planId)
      .where(sql`${table.planId} <> 'pay-as-you-go'`),
    check(
      'organizations_next_plan_has_month',
      sql`(${table.nextPlanId} is null) = (${table.nextPlanMonth} is null)`,
    ),
  ],
);

/** Who belongs to an organization. An organization with members has exactly one owner, which the database enforces. */
export const memberships = pgTable(
  'memberships',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    userId: text('user_id').notNull(),
    role: text({ enum: ['owner', 'admin', 'developer'] }).notNull(),
    /** For all keys that act for this member. Null: no quota. */
    monthlySpendQuotaNano: nano('monthly_spend_quota_nano'),
    createdAt: createdAt(),
  },
  (table) => [
    unique('memberships_once').on(table.organizationId, table.userId),
    uniqueIndex('memberships_one_owner')
      .on(table.organizationId)
      .where(sql`${table.role} = 'owner'`),
    index('memberships_of_user').on(table.userId, table.organizationId),
  ],
);

export const invitations = pgTable(
  'invitations',
  {
    id: text().primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** In lower case. Null once the person is erased. */
    email: text(),
    role: text({ enum: ['admin', 'developer'] }).notNull(),
    /** SHA-256. */
    tokenHash: bytea('token_hash').notNull().unique(),
    /** Null: a key that no person made. */
    invitedBy: text('invited_by'),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    acceptedAt: moment('accepted_at'),
    acceptedBy: text('accepted_by'),
    revokedAt: moment('revoked_at'),
  },
  (table) => [
    index('invitations_of_organization').on(table.organizationId, table.id),
    uniqueIndex('invitations_one_open')
      .on(table.organizationId, table.email)
      .where(sql`${table.acceptedAt} is null and ${table.revokedAt} is null`),
  ],
);
