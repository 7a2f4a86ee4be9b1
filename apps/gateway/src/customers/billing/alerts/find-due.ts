import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '../../../platform/db/index.ts';
import type { Touched, TouchedBudget } from './touched.ts';

/** An alert that is due, with all that is to be said. */
export type DueAlert = ReachedThreshold | LowBalance;

interface Due {
  readonly organizationId: string;
  readonly organizationName: string;
  /** Do the owner and the admins get it by mail? */
  readonly isMailed: boolean;
  /** Whose webhook gets it: of a key, or of the organization. `undefined`: nobody's. */
  readonly webhook: { readonly keyId: string | null } | undefined;
  readonly limitNano: NanoUsd;
}

export interface ReachedThreshold extends Due, Omit<TouchedBudget, 'organizationId'> {
  /** Of the member or key, for people. */
  readonly subjectName: string;
  /** Per cent of the limit. */
  readonly threshold: number;
  readonly spentNano: NanoUsd;
  /** When the next month begins: the moment, and the day in the time zone. */
  readonly resetsAt: string;
  readonly resetsOn: string;
  readonly timeZone: string;
}

export interface LowBalance extends Due {
  readonly scope: 'wallet';
  readonly balanceNano: NanoUsd;
}

/** A cap, the per cents of it that are told, and whose webhook is told. */
const limits = sql`
  select touched.*, api_keys.monthly_spend_cap_nano as limit_nano, api_keys.alert_thresholds as thresholds,
    api_keys.name as subject_name, case when api_keys.alert_webhook_url is not null then api_keys.id end as webhook_key
  from touched join api_keys on api_keys.id = subject and api_keys.organization_id = touched.organization_id
  where scope = 'key' and api_keys.monthly_spend_cap_nano is not null
  union all
  select touched.*, memberships.monthly_spend_quota_nano, organizations.alert_thresholds, users.email, null
  from touched
    join memberships on memberships.organization_id = touched.organization_id and memberships.user_id = subject
    join organizations on organizations.id = touched.organization_id
    left join users on users.id = subject
  where scope = 'member' and memberships.monthly_spend_quota_nano is not null
  union all
  select touched.*, organizations.monthly_spend_quota_nano, organizations.alert_thresholds, null, null
  from touched join organizations on organizations.id = touched.organization_id
  where scope = 'organization' and organizations.monthly_spend_quota_nano is not null`;

/** In numbers of any length: a cap times a hundred may be longer than a bigint. `<> 'wallet'` makes the index fit. */
const reached = sql`
  select organization_id, scope, subject, month, threshold, spent_nano as amount_nano, limit_nano, subject_name, webhook_key
  from limited join budgets using (organization_id, month, scope, subject) cross join unnest(thresholds) as threshold
  where spent_nano > 0 and spent_nano::numeric * 100 >= limit_nano::numeric * threshold
    and not exists (
      select from alerts
      where alerts.organization_id = limited.organization_id and alerts.month = limited.month
        and alerts.scope = limited.scope and alerts.subject = limited.subject and alerts.threshold = threshold.threshold
        and alerts.scope <> 'wallet')`;

const sunk = (organizationIds: SQL): SQL => sql`
  select wallets.organization_id, 'wallet', wallets.organization_id, null, null, balance_nano, low_balance_alert_nano, null, null
  from wallets join organizations on organizations.id = wallets.organization_id
  where wallets.organization_id = any(${organizationIds}) and balance_nano < low_balance_alert_nano
    and not exists (
      select from alerts
      where alerts.organization_id = wallets.organization_id and alerts.scope = 'wallet' and rearmed_at is null)`;

/** Where the balance is enough again, the next time that it sinks is told anew. */
const rearming = (organizationIds: SQL, now: SQL): SQL => sql`
  update alerts set rearmed_at = ${now}
  from wallets join organizations on organizations.id = wallets.organization_id
  where alerts.organization_id = any(${organizationIds}) and alerts.scope = 'wallet' and rearmed_at is null
    and wallets.organization_id = alerts.organization_id
    and (low_balance_alert_nano is null or balance_nano >= low_balance_alert_nano)`;

const nextMonth = sql`((month || '-01')::date + interval '1 month')`;

interface Row extends Record<string, unknown> {
  readonly organizationId: string;
  readonly organizationName: string;
  readonly isMailed: boolean;
  readonly hasWebhook: boolean;
  readonly webhookKey: string | null;
  readonly scope: TouchedBudget['scope'] | 'wallet';
  readonly subject: string;
  readonly subjectName: string | null;
  readonly month: string | null;
  readonly threshold: number | null;
  readonly amountNano: string;
  readonly limitNano: string;
  readonly resetsAt: string | null;
  readonly resetsOn: string | null;
  readonly timeZone: string;
}

/** What is reached by now and was not told yet, in one order; one statement, whose answer is almost always empty. */
export async function findDue(
  transaction: Transaction,
  { budgets, wallets }: Touched,
  now: Date,
): Promise<readonly DueAlert[]> {
  const column = (name: keyof TouchedBudget): SQL =>
    sql`${sql.param(budgets.map((budget) => budget[name]))}::text[]`;
  const organizationIds = sql`${sql.param(wallets)}::text[]`;
  const { rows } = await transaction.execute<Row>(sql`
    with touched as (
        select * from unnest(${column('organizationId')}, ${column('scope')}, ${column('subject')}, ${column('month')})
          as budget (organization_id, scope, subject, month)),
      limited as (${limits}),
      rearmed as (${rearming(organizationIds, sql`${now.toISOString()}::timestamptz`)}),
      due as (${reached} union all ${sunk(organizationIds)})
    select organization_id as "organizationId", organizations.name as "organizationName",
      are_alerts_mailed as "isMailed", alert_webhook_url is not null as "hasWebhook", webhook_key as "webhookKey",
      scope, subject, subject_name as "subjectName", month, threshold,
      amount_nano::text as "amountNano", limit_nano::text as "limitNano", time_zone as "timeZone",
      to_char(${nextMonth} at time zone time_zone at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "resetsAt",
      to_char(${nextMonth}, 'YYYY-MM-DD') as "resetsOn"
    from due join organizations on organizations.id = organization_id
    order by organization_id, scope, subject, month, threshold`);
  return rows.map(readDue);
}

function readDue(row: Row): DueAlert {
  const { organizationId, organizationName, isMailed, hasWebhook, webhookKey } = row;
  const webhook = webhookKey !== null || hasWebhook ? { keyId: webhookKey } : undefined;
  const limitNano = nanoUsd(BigInt(row.limitNano));
  const amountNano = nanoUsd(BigInt(row.amountNano));
  const due: Due = { organizationId, organizationName, isMailed, webhook, limitNano };
  const { scope, subject, month, threshold, resetsAt, resetsOn, timeZone } = row;
  if (scope === 'wallet') return { ...due, scope, balanceNano: amountNano };
  if (month === null || threshold === null || resetsAt === null || resetsOn === null) {
    throw new Error('impossible: a limit was reached in no month');
  }
  return {
    ...due,
    scope,
    subject,
    subjectName: row.subjectName ?? subject,
    month,
    threshold,
    spentNano: amountNano,
    resetsAt,
    resetsOn,
    timeZone,
  };
}
