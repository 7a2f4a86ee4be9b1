import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import { insertOrganization } from './insert.ts';
import { describe, type Organization } from './organization.ts';

/** A team of one so far: its owner, who is the actor, or who made the acting key. */
export function createOrganization(
  ctx: Context<MemberActor>,
  { name }: { readonly name: string },
): Promise<Organization> {
  const { actor } = ctx;
  if (actor.userId === undefined) {
    throw new Refusal('permission_denied', {
      message: 'No person made this key, so it has nobody to own an organization. Sign in instead.',
    });
  }
  const { userId } = actor;
  const id = ctx.newId('organization');
  return inTenant(ctx, id, async (transaction) => {
    const stored = await insertOrganization(transaction, ctx, {
      id,
      name,
      kind: 'team',
      ownerId: userId,
      createdByKey: actor.kind === 'key' ? actor.keyId : undefined,
    });
    return describe(transaction, ctx, { role: 'owner', stored });
  });
}
