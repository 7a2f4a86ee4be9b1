import type { NanoUsd } from '@sealgate/contract';
import { eq, sql } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, organizations, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { refuseLimitedKey, reviewLimits } from '../billing/index.ts';
import { lockMemberships } from './membership.ts';
import { describe, type Organization } from './organization.ts';

/** What is `undefined` stays. */
export interface OrganizationChange {
  readonly name?: string | undefined;
  /** IANA name. */
  readonly timeZone?: string | undefined;
  /** `null`: no quota. */
  readonly monthlySpendQuotaNano?: NanoUsd | null | undefined;
}

export function updateOrganization(
  ctx: Context<MemberActor>,
  change: OrganizationChange,
): Promise<Organization> {
  const { organizationId, role } = ctx.actor;
  const { name, timeZone, monthlySpendQuotaNano } = change;
  const columns = {
    ...(name !== undefined && { name }),
    ...(timeZone !== undefined && { timeZone }),
    ...(monthlySpendQuotaNano !== undefined && { monthlySpendQuotaNano }),
  };
  const changed = Object.keys(columns);
  const isAboutSpending = timeZone !== undefined || monthlySpendQuotaNano !== undefined;
  return inTenant(ctx, organizationId, async (transaction) => {
    if (isAboutSpending) await refuseLimitedKey(transaction, ctx.actor);
    if (timeZone !== undefined) await requireKnown(transaction, timeZone);
    const before = await lockMemberships(transaction, organizationId);
    if (changed.length === 0) return describe(transaction, ctx, { role, stored: before });
    const [stored] = await transaction
      .update(organizations)
      .set(columns)
      .where(eq(organizations.id, organizationId))
      .returning();
    if (stored === undefined) throw new Error('impossible: an organization that is held was lost');
    await recordDeed(transaction, ctx, {
      action: 'organization.update',
      subject: organizationId,
      organizationId,
      details: { changed, ...spendingOf(before, change) },
    });
    if (monthlySpendQuotaNano !== undefined) {
      const limit = { scope: 'organization', subject: organizationId } as const;
      await reviewLimits(transaction, ctx, organizationId, [limit]);
    }
    return describe(transaction, ctx, { role, stored });
  });
}

/** Who lifted a quota, and from where to where, is what a record is for. */
function spendingOf(
  before: Readonly<Record<'timeZone', string>> & { readonly monthlySpendQuotaNano: bigint | null },
  { timeZone, monthlySpendQuotaNano }: OrganizationChange,
) {
  return {
    ...(timeZone !== undefined && { timeZone: { from: before.timeZone, to: timeZone } }),
    ...(monthlySpendQuotaNano !== undefined && {
      monthlySpendQuotaNano: {
        from: before.monthlySpendQuotaNano?.toString() ?? null,
        to: monthlySpendQuotaNano?.toString() ?? null,
      },
    }),
  };
}

/** JavaScript knows it: the contract says so. The database counts months with a table of its own. */
async function requireKnown(transaction: Transaction, timeZone: string): Promise<void> {
  const { rows } = await transaction.execute(
    sql`select from pg_timezone_names where name = ${timeZone}`,
  );
  if (rows.length > 0) return;
  throw new Refusal('invalid_request_error', {
    message: 'time_zone: is a time zone that this server does not know. Write it as Europe/Berlin.',
    param: 'time_zone',
  });
}
