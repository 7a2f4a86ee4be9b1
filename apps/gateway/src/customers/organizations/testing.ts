import { nanoUsd } from '@sealgate/contract';
import type { Context } from '../../platform/context.ts';
import { inTenant } from '../../platform/db/index.ts';
import { insertOrganization, type StoredOrganization } from './insert.ts';

/** An organization that is simply there. */
export function plantOrganization(
  ctx: Context,
  startCreditNano = nanoUsd(0n),
): Promise<StoredOrganization> {
  const id = ctx.newId('organization');
  return inTenant(ctx, id, (transaction) =>
    insertOrganization(transaction, ctx, {
      id,
      name: 'Personal',
      kind: 'personal',
      ownerId: undefined,
      startCreditNano,
    }),
  );
}
