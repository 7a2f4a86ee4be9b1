import type { Context } from '../../platform/context.ts';
import { LOCKS, lockTransaction } from '../../platform/db/index.ts';
import {
  findFirstOrganization,
  insertPersonalOrganization,
  type NewPersonalOrganization,
  type Organization,
} from '../organizations/index.ts';
import { insertKey, type CreatedKey } from './create.ts';

export type FirstRun =
  | ({ readonly kind: 'created'; readonly organization: Organization } & CreatedKey)
  | { readonly kind: 'existing' };

/** Gives an empty installation its organization and its first key. Of several gateways that start at once, one does. */
export function ensureFirstRun(ctx: Context, input: NewPersonalOrganization): Promise<FirstRun> {
  return ctx.db.transaction(async (transaction) => {
    await lockTransaction(transaction, LOCKS.firstRun);
    if ((await findFirstOrganization(transaction)) !== undefined) return { kind: 'existing' };
    const organization = await insertPersonalOrganization(transaction, ctx, input);
    const created = await insertKey(transaction, ctx, {
      organizationId: organization.id,
      name: 'First key',
    });
    return { kind: 'created', organization, ...created };
  });
}
