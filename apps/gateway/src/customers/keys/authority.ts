import { mayDo } from '@sealgate/contract';
import { and, eq } from 'drizzle-orm';
import type { Actor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { apiKeys, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { KeyReference, StoredKey } from './key.ts';

/** The key, held until the transaction ends, for an actor who may change it. */
export async function takeKey(
  transaction: Transaction,
  { actor }: Context,
  { id, organizationId }: KeyReference,
): Promise<StoredKey> {
  const [key] = await transaction
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.organizationId, organizationId)))
    .for('update');
  if (key === undefined) throw new Refusal('not_found', { message: 'There is no such key.' });
  if (!mayManage(actor) && !isMaker(actor, key)) {
    throw new Refusal('permission_denied', {
      message: 'Somebody else made this key. Ask the owner or an admin of the organization.',
    });
  }
  return key;
}

/** Caps are for owners and admins, also on one's own keys. */
export function requireCapAuthority(actor: Actor): void {
  if (mayManage(actor)) return;
  throw new Refusal('permission_denied', {
    message: 'Only the owner and admins of the organization set spend caps.',
    param: 'monthly_spend_cap_usd',
  });
}

/** The command line and Sealgate itself may, as members of the right role. */
function mayManage(actor: Actor): boolean {
  if (actor.kind === 'user' || actor.kind === 'key') return mayDo(actor.role, 'keys.manage');
  return actor.kind !== 'anonymous';
}

const isMaker = (actor: Actor, { createdBy }: StoredKey): boolean =>
  (actor.kind === 'user' || actor.kind === 'key') &&
  actor.userId !== undefined &&
  actor.userId === createdBy;
