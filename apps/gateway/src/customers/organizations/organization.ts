import { nanoUsd, type NanoUsd, type Role } from '@sealgate/contract';
import type { Context } from '../../platform/context.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { readSpent } from '../billing/index.ts';
import type { StoredOrganization } from './insert.ts';

/** An organization as one of its members sees it. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly kind: 'personal' | 'team';
  readonly role: Role;
  readonly timeZone: string;
  /** `null`: no quota. */
  readonly monthlySpendQuotaNano: NanoUsd | null;
  readonly spendThisMonthNano: NanoUsd;
  readonly createdAt: Date;
}

export interface Seen {
  readonly role: Role;
  readonly stored: StoredOrganization;
}

export async function describeAll(
  transaction: Transaction,
  ctx: Pick<Context, 'clock'>,
  all: readonly Seen[],
): Promise<Organization[]> {
  const ids = all.map(({ stored }) => stored.id);
  const spentBy = await readSpent(transaction, ctx, {
    organizationIds: ids,
    scope: 'organization',
    subjects: ids,
  });
  return all.map(({ role, stored }) => {
    const { id, name, kind, timeZone, monthlySpendQuotaNano: quota, createdAt } = stored;
    const monthlySpendQuotaNano = quota === null ? null : nanoUsd(quota);
    const spendThisMonthNano = spentBy(id);
    return { id, name, kind, role, timeZone, monthlySpendQuotaNano, spendThisMonthNano, createdAt };
  });
}

export async function describe(
  transaction: Transaction,
  ctx: Pick<Context, 'clock'>,
  seen: Seen,
): Promise<Organization> {
  const [organization] = await describeAll(transaction, ctx, [seen]);
  if (organization === undefined) throw new Error('impossible: one of one is missing');
  return organization;
}
