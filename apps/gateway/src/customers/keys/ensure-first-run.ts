import type { NanoUsd } from '@sealgate/contract';
import type { Context } from '../../platform/context.ts';
import { inSystem, LOCKS, lockTransaction } from '../../platform/db/index.ts';
import {
  findFirstOrganization,
  insertOrganization,
  type StoredOrganization,
} from '../organizations/index.ts';
import { insertKey, type IssuedKey } from './create.ts';

export type FirstRun =
  | ({ readonly kind: 'created'; readonly organization: StoredOrganization } & IssuedKey)
  | { readonly kind: 'existing' };

/** Gives an empty installation its organization and its first key. Of several gateways that start at once, one does. */
export function ensureFirstRun(
  ctx: Context,
  { startCreditNano }: { readonly startCreditNano: NanoUsd },
): Promise<FirstRun> {
  return inSystem(ctx, async (transaction) => {
    await lockTransaction(transaction, LOCKS.firstRun);
    if ((await findFirstOrganization(transaction)) !== undefined) return { kind: 'existing' };
    const organization = await insertOrganization(transaction, ctx, {
      id: ctx.newId('organization'),
      name: 'Personal',
      kind: 'personal',
      ownerId: undefined,
      startCreditNano,
    });
    const created = await insertKey(transaction, ctx, {
      organizationId: organization.id,
      name: 'First key',
    });
    return { kind: 'created', organization, ...created };
  });
}
