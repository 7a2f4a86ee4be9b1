import { nanoUsd } from '@sealgate/contract';
import type { Context } from '../../../../platform/context.ts';
import { inTenant, topUps, type Transaction } from '../../../../platform/db/index.ts';
import type { Decline, PaymentProvider } from '../provider.ts';
import { requireProvider, type PaymentServices } from '../services.ts';
import { settleTopUp } from '../settle-top-up.ts';
import { isThisTopUp, lockTopUp, type TopUp } from '../top-up.ts';
import { noteDecline } from './outcome.ts';
import { findDue } from './request.ts';

type AskedTopUp = Pick<TopUp, 'organizationId' | 'id'>;

/** Stripe remembers for a day which calls it has had. Afterwards one looks for the payment instead of asking again. */
const REMEMBERED_MS = 20 * 3_600_000;
const CLOCKS_DIFFER_MS = 3_600_000;

/** Charges the saved card for a top-up that was decided on. Repeated, also after a crash anywhere in it, it charges once. */
export async function chargeTopUp(
  ctx: Context,
  services: PaymentServices,
  asked: AskedTopUp,
): Promise<void> {
  const provider = requireProvider(services);
  const topUp = await begin(ctx, services, asked);
  if (topUp === undefined) return;
  const outcome = await paymentOf(ctx, provider, topUp);
  if (outcome.kind === 'declined') return giveUp(ctx, services, topUp, outcome.decline);
  const payment = await provider.readPayment(outcome.paymentId);
  await settleTopUp(ctx, services, topUp, { checkout: undefined, payment });
}

/** Nothing for one that is over, or not needed any more. Written down before Stripe is asked: a crash leaves no doubt. */
async function begin(
  ctx: Context,
  services: PaymentServices,
  asked: AskedTopUp,
): Promise<TopUp | undefined> {
  const begun = await inTenant(ctx, asked.organizationId, async (transaction) => {
    const topUp = await lockTopUp(transaction, asked);
    if (topUp.status === 'processing') return topUp;
    if (topUp.status !== 'opening') return undefined;
    const [due] = await findDue(transaction, [topUp.organizationId], {
      nowMs: ctx.clock(),
      except: topUp.id,
    });
    if (due === undefined) {
      await end(transaction, ctx, topUp, 'not_due');
      return 'skipped';
    }
    const { customerId, paymentMethodId, month } = due;
    const attemptedAt = new Date(ctx.clock());
    const [row] = await transaction
      .update(topUps)
      .set({ status: 'processing', customerId, paymentMethodId, month, attemptedAt })
      .where(isThisTopUp(topUp))
      .returning();
    return row;
  });
  if (begun !== 'skipped') return begun;
  services.metrics.autoTopUp('skipped');
  return undefined;
}

type Outcome =
  | { readonly kind: 'made'; readonly paymentId: string }
  | { readonly kind: 'declined'; readonly decline: Decline };

async function paymentOf(ctx: Context, provider: PaymentProvider, topUp: TopUp): Promise<Outcome> {
  const { id: topUpId, organizationId, paymentId, customerId, paymentMethodId } = topUp;
  if (paymentId !== null) return { kind: 'made', paymentId };
  if (customerId === null || paymentMethodId === null) {
    throw new Error(`impossible: ${topUpId} has nothing to charge`);
  }
  const since = topUp.attemptedAt ?? topUp.createdAt;
  if (ctx.clock() - since.getTime() < REMEMBERED_MS) {
    const amountNano = nanoUsd(topUp.amountNano);
    return provider.chargeSavedMethod({
      topUpId,
      organizationId,
      customerId,
      paymentMethodId,
      amountNano,
    });
  }
  const earliest = new Date(since.getTime() - CLOCKS_DIFFER_MS);
  const found = await provider.findPayment({ topUpId, customerId, since: earliest });
  return found === undefined
    ? { kind: 'declined', decline: { code: 'never_made', isFinal: false } }
    : { kind: 'made', paymentId: found };
}

async function giveUp(
  ctx: Context,
  services: PaymentServices,
  topUp: TopUp,
  decline: Decline,
): Promise<void> {
  const outcome = await inTenant(ctx, topUp.organizationId, async (transaction) => {
    const row = await lockTopUp(transaction, topUp);
    if (row.status !== 'processing') return undefined;
    await end(transaction, ctx, row, decline.code);
    return noteDecline(transaction, ctx, row, decline);
  });
  if (outcome !== undefined) services.metrics.autoTopUp(outcome);
}

async function end(
  transaction: Transaction,
  ctx: Context,
  topUp: TopUp,
  declineCode: string,
): Promise<void> {
  await transaction
    .update(topUps)
    .set({ status: 'failed', declineCode, endedAt: new Date(ctx.clock()) })
    .where(isThisTopUp(topUp));
}
