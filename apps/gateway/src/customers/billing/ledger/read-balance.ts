import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { eq } from 'drizzle-orm';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant, wallets } from '../../../platform/db/index.ts';

export interface Balance {
  readonly balanceNano: NanoUsd;
  /** Set aside for requests that run. */
  readonly heldNano: NanoUsd;
  readonly availableNano: NanoUsd;
}

/** A balance below zero leaves nothing to spend. */
export async function readBalance(ctx: Context<MemberActor>): Promise<Balance> {
  const { organizationId } = ctx.actor;
  const [wallet] = await inTenant(ctx, organizationId, (transaction) =>
    transaction.select().from(wallets).where(eq(wallets.organizationId, organizationId)),
  );
  if (wallet === undefined) throw new Error('impossible: an organization has no wallet');
  const { balanceNano, heldNano } = wallet;
  const availableNano = balanceNano - heldNano;
  return {
    balanceNano: nanoUsd(balanceNano),
    heldNano: nanoUsd(heldNano),
    availableNano: nanoUsd(availableNano < 0n ? 0n : availableNano),
  };
}
