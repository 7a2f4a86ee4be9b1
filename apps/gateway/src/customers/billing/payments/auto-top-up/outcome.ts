import { nanoUsd, printUsd } from '@sealgate/contract';
import { and, eq } from 'drizzle-orm';
import { recordDeed } from '../../../../platform/audit.ts';
import type { Context } from '../../../../platform/context.ts';
import { autoTopUps, type Transaction } from '../../../../platform/db/index.ts';
import { tellManagers } from '../../tell-managers.ts';
import type { Decline } from '../provider.ts';
import type { TopUp } from '../top-up.ts';

/** `skipped`: it was not needed or allowed any more when its turn came. */
export type AutoTopUpOutcome = 'paid' | 'declined' | 'disabled' | 'skipped';

const HOUR_MS = 3_600_000;
/** How long a card is left alone after each decline; after one more it is not asked again. */
const PAUSES_MS = [HOUR_MS, 24 * HOUR_MS];

export async function noteSuccess(
  transaction: Transaction,
  { organizationId }: TopUp,
): Promise<'paid'> {
  await transaction
    .update(autoTopUps)
    .set({ declines: 0, pausedUntil: null })
    .where(eq(autoTopUps.organizationId, organizationId));
  return 'paid';
}

/** Tries again later, or gives up and tells those who can do something about it. */
export async function noteDecline(
  transaction: Transaction,
  ctx: Context,
  topUp: TopUp,
  decline: Decline | undefined,
): Promise<'declined' | 'disabled'> {
  const { organizationId } = topUp;
  const [settings] = await transaction
    .select()
    .from(autoTopUps)
    .where(eq(autoTopUps.organizationId, organizationId))
    .for('update');
  const declines = settings?.declines ?? 0;
  const pauseMs = decline?.isFinal === true ? undefined : PAUSES_MS[declines];
  await recordDeed(transaction, ctx, {
    action: 'auto_top_up.decline',
    subject: topUp.id,
    organizationId,
    details: { code: decline?.code ?? 'unknown' },
  });
  if (pauseMs === undefined) {
    await disable(transaction, ctx, topUp, 'declined');
    return 'disabled';
  }
  await transaction
    .update(autoTopUps)
    .set({ declines: declines + 1, pausedUntil: new Date(ctx.clock() + pauseMs) })
    .where(eq(autoTopUps.organizationId, organizationId));
  return 'declined';
}

/** Whoever disputes a payment does not want the next one to be made by itself. */
export const noteDispute = (transaction: Transaction, ctx: Context, topUp: TopUp): Promise<void> =>
  disable(transaction, ctx, topUp, 'disputed');

async function disable(
  transaction: Transaction,
  ctx: Context,
  { id: topUpId, organizationId }: TopUp,
  disabledReason: 'declined' | 'disputed',
): Promise<void> {
  const [disabled] = await transaction
    .update(autoTopUps)
    .set({ isEnabled: false, disabledReason, declines: 0, pausedUntil: null })
    .where(and(eq(autoTopUps.organizationId, organizationId), eq(autoTopUps.isEnabled, true)))
    .returning();
  if (disabled === undefined) return;
  await recordDeed(transaction, ctx, {
    action: 'auto_top_up.disable',
    subject: organizationId,
    organizationId,
    details: { reason: disabledReason, topUpId },
  });
  const amountUsd = printUsd(nanoUsd(disabled.amountNano));
  await tellManagers(transaction, ctx, organizationId, (organizationName) => ({
    template: 'auto-top-up-stopped',
    organizationName,
    amountUsd,
    reason: disabledReason,
  }));
}
