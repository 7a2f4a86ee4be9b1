import { eq, or, type SQL } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { inSystem, stripeEvents, topUps } from '../../../platform/db/index.ts';
import type { PaymentProvider } from './provider.ts';
import { requireProvider, type PaymentServices } from './services.ts';
import { settleTopUp } from './settle-top-up.ts';
import type { TopUp } from './top-up.ts';

interface Hint {
  readonly checkoutId: string | null;
  readonly paymentId: string | null;
  readonly topUpId: string | null;
}

/** Finds out what is true of the thing that an event was about, and books it. An event is a hint: nothing in it is believed. */
export async function followEvent(
  ctx: Context,
  services: PaymentServices,
  eventId: string,
): Promise<void> {
  const provider = requireProvider(services);
  // Whose payment it is says the row: hence past all scopes.
  const [hint] = await inSystem(ctx, (transaction) =>
    transaction.select().from(stripeEvents).where(eq(stripeEvents.id, eventId)),
  );
  if (hint === undefined) return;
  const topUp = await findTopUp(ctx, provider, hint);
  if (topUp !== undefined) await refreshTopUp(ctx, services, topUp, hint);
}

/** Asks what has become of a top-up, and books it. */
export async function refreshTopUp(
  ctx: Context,
  services: PaymentServices,
  topUp: TopUp,
  hint: Omit<Hint, 'topUpId'> = { checkoutId: null, paymentId: null },
): Promise<void> {
  const provider = requireProvider(services);
  if (topUp.kind === 'automatic') {
    const paymentId = topUp.paymentId ?? hint.paymentId;
    if (paymentId === null) return;
    const payment = await provider.readPayment(paymentId);
    return settleTopUp(ctx, services, topUp, { checkout: undefined, payment });
  }
  const checkoutId = hint.checkoutId ?? topUp.checkoutId;
  if (checkoutId === null) return;
  const checkout = await provider.readCheckout(checkoutId);
  const { paymentId } = checkout;
  const payment = paymentId === undefined ? undefined : await provider.readPayment(paymentId);
  await settleTopUp(ctx, services, topUp, { checkout, payment });
}

/** Refunds and disputes name only their payment; before its top-up is paid, only the payment itself tells whose it is. */
async function findTopUp(
  ctx: Context,
  provider: PaymentProvider,
  { checkoutId, paymentId, topUpId }: Hint,
): Promise<TopUp | undefined> {
  const known = await select(ctx, [
    topUpId === null ? undefined : eq(topUps.id, topUpId),
    checkoutId === null ? undefined : eq(topUps.checkoutId, checkoutId),
    paymentId === null ? undefined : eq(topUps.paymentId, paymentId),
  ]);
  if (known !== undefined || topUpId !== null || paymentId === null) return known;
  const payment = await provider.readPayment(paymentId);
  if (payment.topUpId === undefined) return undefined;
  return select(ctx, [eq(topUps.id, payment.topUpId)]);
}

async function select(
  ctx: Context,
  conditions: readonly (SQL | undefined)[],
): Promise<TopUp | undefined> {
  const isIt = or(...conditions);
  if (isIt === undefined) return undefined;
  const [row] = await inSystem(ctx, (transaction) =>
    transaction.select().from(topUps).where(isIt).limit(1),
  );
  return row;
}
