import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import {
  ledgerEntries,
  memberships,
  organizations,
  wallets,
  type Transaction,
} from '../../platform/db/index.ts';

export type StoredOrganization = typeof organizations.$inferSelect;

export interface OrganizationToInsert {
  /** Made by the caller: the transaction may have to name it as its scope. */
  readonly id: string;
  readonly name: string;
  readonly kind: StoredOrganization['kind'];
  /** `undefined`: it belongs to the operator until somebody joins. */
  readonly ownerId: string | undefined;
  readonly createdByKey?: string | undefined;
  readonly startCreditNano?: NanoUsd;
}

/** An organization with its wallet and its owner. */
export async function insertOrganization(
  transaction: Transaction,
  ctx: Context,
  input: OrganizationToInsert,
): Promise<StoredOrganization> {
  const { startCreditNano = nanoUsd(0n), ownerId, createdByKey, ...named } = input;
  const createdAt = new Date(ctx.clock());
  const [organization] = await transaction
    .insert(organizations)
    .values({ ...named, createdByKey, createdAt })
    .returning();
  if (organization === undefined) throw new Error('impossible: what was inserted is missing');
  await transaction
    .insert(wallets)
    .values({ organizationId: organization.id, balanceNano: startCreditNano });
  await insertStartCredit(transaction, ctx, { organization, startCreditNano });
  if (ownerId !== undefined) {
    await transaction.insert(memberships).values({
      id: ctx.newId('membership'),
      organizationId: organization.id,
      userId: ownerId,
      role: 'owner',
      createdAt: organization.createdAt,
    });
  }
  await recordDeed(transaction, ctx, {
    action: 'organization.create',
    subject: organization.id,
    organizationId: organization.id,
    details: { kind: organization.kind, startCreditNano: startCreditNano.toString() },
  });
  return organization;
}

interface StartCredit {
  readonly organization: StoredOrganization;
  readonly startCreditNano: NanoUsd;
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
    balanceNano: account === 'wallet' ? amountNano : null,
    ...shared,
  });
  await transaction
    .insert(ledgerEntries)
    .values([side('wallet', startCreditNano), side('adjustments', 0n - startCreditNano)]);
}
