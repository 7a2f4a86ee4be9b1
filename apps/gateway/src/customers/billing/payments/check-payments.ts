import { and, asc, gt, inArray, lt } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { inSystem, inTenant, stripeEvents, topUps } from '../../../platform/db/index.ts';
import { addJob } from '../../../platform/jobs/index.ts';
import { refreshTopUp } from './follow-event.ts';
import { catchUpEvents } from './receive-event.ts';
import type { PaymentServices } from './services.ts';
import { isThisTopUp, type TopUp } from './top-up.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As long as Stripe keeps them. */
const KEPT_EVENTS_MS = 30 * DAY_MS;
/** Until then a page to pay on is valid. */
const CHECKOUT_MS = DAY_MS;
/** Whatever is undecided then is nothing that waiting can help. */
const SLOWEST_BANK_MS = 35 * DAY_MS;
const MOST_AT_ONCE = 200;

/**
 * News can be lost: asks for those of the last day, once a day for all that Stripe still has, and after every top-up that is
 * on its way for long. Of everybody: hence past all scopes.
 */
export async function checkPayments(ctx: Context, services: PaymentServices): Promise<void> {
  if (services.provider === undefined) return;
  const now = ctx.clock();
  const isMidnight = new Date(now).getUTCHours() === 0;
  await catchUpEvents(ctx, services, new Date(now - (isMidnight ? KEPT_EVENTS_MS : DAY_MS)));
  const late = await inSystem(ctx, async (transaction) => {
    await transaction
      .delete(stripeEvents)
      .where(lt(stripeEvents.receivedAt, new Date(now - 3 * KEPT_EVENTS_MS)));
    return transaction
      .select()
      .from(topUps)
      .where(
        and(
          inArray(topUps.status, ['opening', 'open', 'processing']),
          lt(topUps.createdAt, new Date(now - HOUR_MS)),
          gt(topUps.createdAt, new Date(now - SLOWEST_BANK_MS)),
        ),
      )
      .orderBy(asc(topUps.createdAt))
      .limit(MOST_AT_ONCE);
  });
  for (const topUp of late) {
    await check(ctx, services, topUp).catch((error: unknown) =>
      services.log.error({ err: error, topUpId: topUp.id }, 'a top-up cannot be looked after'),
    );
  }
}

async function check(ctx: Context, services: PaymentServices, topUp: TopUp): Promise<void> {
  const { organizationId, id, kind } = topUp;
  if (kind === 'automatic' && topUp.paymentId === null) {
    return inTenant(ctx, organizationId, (transaction) =>
      addJob(transaction, 'charge-top-up', { organizationId, topUpId: id }, `charge-top-up:${id}`),
    );
  }
  const isLost =
    topUp.checkoutId === null && ctx.clock() - topUp.createdAt.getTime() > 2 * CHECKOUT_MS;
  if (kind === 'checkout' && isLost) return forget(ctx, topUp);
  return refreshTopUp(ctx, services, topUp);
}

/** Its page was never shown to anybody. */
function forget(ctx: Context, topUp: TopUp): Promise<void> {
  return inTenant(ctx, topUp.organizationId, async (transaction) => {
    await transaction
      .update(topUps)
      .set({ status: 'expired', endedAt: new Date(ctx.clock()) })
      .where(isThisTopUp(topUp));
  });
}
