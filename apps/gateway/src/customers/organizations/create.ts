import type { NanoUsd } from '@sealgate/contract';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import {
  ledgerEntries,
  organizations,
  wallets,
  type Transaction,
} from '../../platform/db/index.ts';

export type Organization = typeof organizations.$inferSelect;

export interface NewPersonalOrganization {
  readonly startCreditNano: NanoUsd;
}

/** An organization of one person, with a wallet that holds the start credit. */
export function createPersonalOrganization(
  ctx: Context,
  input: NewPersonalOrganization,
): Promise<Organization> {
  return ctx.db.transaction((transaction) => insertPersonalOrganization(transaction, ctx, input));
}

/** As `createPersonalOrganization`, within a larger transaction. */
export async function insertPersonalOrganization(
  transaction: Transaction,
  ctx: Context,
  { startCreditNano }: NewPersonalOrganization,
): Promise<Organization> {
  const organization: Organization = {
    id: ctx.newId('organization'),
    name: 'Personal',
    kind: 'personal',
    timeZone: 'UTC',
    createdAt: new Date(ctx.clock()),
  };
  await transaction.insert(organizations).values(organization);
  await transaction
    .insert(wallets)
    .values({ organizationId: organization.id, balanceNano: startCreditNano });
  await insertStartCredit(transaction, ctx, { organization, startCreditNano });
  await recordDeed(transaction, ctx, {
    action: 'organization.create',
    subject: organization.id,
    organizationId: organization.id,
    details: { kind: organization.kind, startCreditNano: startCreditNano.toString() },
  });
  return organization;
}

interface StartCredit extends NewPersonalOrganization {
  readonly organization: Organization;
}

async function insertStartCredit(
  transaction: Transaction,
  ctx: Context,
  { organization, startCreditNano }: StartCredit,
): Promise<void> {
  if (startCreditNano === 0n) return;
  const shared = {
    transferId: ctx.newId('transfer'),
    organizationId: organization.id,
    kind: 'start_credit',
    createdAt: organization.createdAt,
  } as const;
  const side = (account: 'wallet' | 'adjustments', amountNano: bigint) => ({
    id: ctx.newId('ledgerEntry'),
    account,
    amountNano,
    ...shared,
  });
  await transaction
    .insert(ledgerEntries)
    .values([side('wallet', startCreditNano), side('adjustments', 0n - startCreditNano)]);
}
