import type { NanoUsd } from '@sealgate/contract';
import type { Context } from '../../platform/context.ts';
import type { Transaction } from '../../platform/db/index.ts';
import { insertOrganization, type StoredOrganization } from './insert.ts';

type FoundPersonalOrganization = (
  transaction: Transaction,
  ctx: Context,
  founding: { readonly id: string; readonly ownerId: string },
) => Promise<StoredOrganization>;

/** Every account has an organization of its own, with what the operator gives newcomers in its wallet. */
export const personalFounder =
  (startCreditNano: NanoUsd): FoundPersonalOrganization =>
  (transaction, ctx, founding) =>
    insertOrganization(transaction, ctx, {
      ...founding,
      name: 'Personal',
      kind: 'personal',
      startCreditNano,
    });
