import { sql } from 'drizzle-orm';
import { bigint, customType, integer, text, timestamp } from 'drizzle-orm/pg-core';

/** A moment, to the millisecond that JavaScript knows. */
export const moment = (name: string) =>
  timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** Nano-dollars. A default must be written as sql`0`: drizzle-kit cannot print a bigint. */
export const nano = (name: string) => bigint(name, { mode: 'bigint' });

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const createdAt = () => moment('created_at').notNull().defaultNow();

/** Where alerts of a key or an organization go, and what they are sent for. */
export const alertChannel = () => ({
  alertWebhookUrl: text('alert_webhook_url'),
  /** Sealed by the vault: every alert is signed with it. */
  alertWebhookSecret: bytea('alert_webhook_secret'),
  /** Before it was rotated. Alerts are signed with it too, until it ends. */
  alertWebhookPreviousSecret: bytea('alert_webhook_previous_secret'),
  alertWebhookPreviousSecretEndsAt: moment('alert_webhook_previous_secret_ends_at'),
  /** Per cent of a limit. */
  alertThresholds: integer('alert_thresholds')
    .array()
    .notNull()
    .default(sql`'{50,80,100}'::integer[]`),
});
