import type { Context } from '../../platform/context.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { insertOrganization, type StoredOrganization } from './insert.ts';

/** Every account has an organization of its own. */
export const foundPersonalOrganization = (
  transaction: Transaction,
  ctx: Context,
  founding: { readonly id: string; readonly ownerId: string },
): Promise<StoredOrganization> =>
  insertOrganization(transaction, ctx, { ...founding, name: 'Personal', kind: 'personal' });
