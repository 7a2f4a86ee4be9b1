import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { eq } from 'drizzle-orm';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { autoTopUps, inTenant, wallets } from '../../../platform/db/index.ts';
import { autoTopUpOf, type AutoTopUp } from '../payments/auto-top-up/settings.ts';

export interface Balance {
  readonly balanceNano: NanoUsd;
  /** Set aside for requests that run. */
  readonly heldNano: NanoUsd;
  readonly availableNano: NanoUsd;
  /** `undefined`: it was never set up. */
  readonly autoTopUp: AutoTopUp | undefined;
}

/** A balance below what is held leaves nothing to spend. */
export async function readBalance(ctx: Context<MemberActor>): Promise<Balance> {
  const { organizationId } = ctx.actor;
  const [found] = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(wallets)
      .leftJoin(autoTopUps, eq(autoTopUps.organizationId, wallets.organizationId))
      .where(eq(wallets.organizationId, organizationId)),
  );
  if (found === undefined) throw new Error('impossible: an organization has no wallet');
  const { balanceNano, heldNano } = found.wallets;
  const restNano = balanceNano - heldNano;
  return {
    balanceNano: nanoUsd(balanceNano),
    heldNano: nanoUsd(heldNano),
    availableNano: nanoUsd(restNano < 0n ? 0n : restNano),
    autoTopUp: found.auto_top_ups === null ? undefined : autoTopUpOf(found.auto_top_ups),
  };
}
