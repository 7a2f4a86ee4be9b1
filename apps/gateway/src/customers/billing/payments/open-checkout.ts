import type { NanoUsd } from '@sealgate/contract';
import { and, eq } from 'drizzle-orm';
import { createHash } from 'node:crypto';
import type { MemberActor } from '../../../platform/actor.ts';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant, topUps, type Transaction } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { findOrCreateCustomer, replaceCustomer } from './customer.ts';
import { judgeTopUpAmount } from './judge-amount.ts';
import type { CheckoutOrder, PaymentProvider, ProviderCheckout } from './provider.ts';
import { orRefused, requireProvider, type PaymentServices } from './services.ts';
import { isThisTopUp, type TopUp } from './top-up.ts';

export interface CheckoutRequest {
  readonly amountNano: NanoUsd;
  readonly idempotencyKey: string;
  /** Lets later top-ups be charged while nobody is there. */
  readonly savesPaymentMethod: boolean;
  readonly successUrl: string | undefined;
  readonly cancelUrl: string | undefined;
}

export interface OpenedCheckout {
  readonly topUpId: string;
  readonly url: string;
}

/**
 * Opens a page to pay on, once for each key of the organization: whoever repeats the request gets the same page, whether the
 * first one was answered, is still under way, or died in the middle.
 */
export async function openCheckout(
  ctx: Context<MemberActor>,
  services: PaymentServices,
  request: CheckoutRequest,
): Promise<OpenedCheckout> {
  const provider = requireProvider(services);
  judgeTopUpAmount(services, request.amountNano);
  const topUp = await takeDown(ctx, request);
  if (topUp.checkoutUrl !== null) return { topUpId: topUp.id, url: topUp.checkoutUrl };
  if (topUp.status !== 'opening') throw isOver();
  const { organizationId, id: topUpId } = topUp;
  const customerId = await orRefused(findOrCreateCustomer(ctx, provider, organizationId));
  // The same for every attempt: Stripe knows the call by the top-up's id and gives the same page.
  const order = {
    topUpId,
    organizationId,
    customerId,
    amountNano: request.amountNano,
    savesPaymentMethod: request.savesPaymentMethod,
    successUrl: request.successUrl ?? `${services.publicUrl}/billing?checkout=paid`,
    cancelUrl: request.cancelUrl ?? `${services.publicUrl}/billing?checkout=cancelled`,
  };
  const checkout = await orRefused(openPage(ctx, provider, order));
  return inTenant(ctx, organizationId, (transaction) => keepCheckout(transaction, topUp, checkout));
}

/** For the customer that the order names, or one in its place. */
async function openPage(
  ctx: Context,
  provider: PaymentProvider,
  order: CheckoutOrder,
): Promise<ProviderCheckout> {
  const { organizationId, customerId: gone } = order;
  const opened = await provider.openCheckout(order);
  if (opened !== 'customer-gone') return opened;
  const customerId = await replaceCustomer(ctx, provider, organizationId, gone);
  const reopened = await provider.openCheckout({ ...order, customerId });
  if (reopened === 'customer-gone') throw new Error(`${customerId} was deleted at once`);
  return reopened;
}

/** The top-up of this key: a new one, or the one that is there for the same request. */
async function takeDown(ctx: Context<MemberActor>, request: CheckoutRequest): Promise<TopUp> {
  const { organizationId } = ctx.actor;
  const { idempotencyKey, amountNano, savesPaymentMethod } = request;
  const requestHash = hashOf(request);
  const topUp = await inTenant(ctx, organizationId, async (transaction) => {
    const [created] = await transaction
      .insert(topUps)
      .values({
        id: ctx.newId('topUp'),
        organizationId,
        kind: 'checkout',
        status: 'opening',
        amountNano,
        idempotencyKey,
        requestHash,
        savesPaymentMethod,
        createdAt: new Date(ctx.clock()),
      })
      .onConflictDoNothing({ target: [topUps.organizationId, topUps.idempotencyKey] })
      .returning();
    if (created === undefined) return findByKey(transaction, organizationId, idempotencyKey);
    await recordDeed(transaction, ctx, {
      action: 'top_up.create',
      subject: created.id,
      organizationId,
      details: { amountNano: amountNano.toString(), savesPaymentMethod },
    });
    return created;
  });
  if (topUp.requestHash?.equals(requestHash) !== true) {
    throw new Refusal('idempotency_conflict', {
      message:
        'This idempotency_key was used for another top-up. Make a new one for each new top-up.',
      param: 'idempotency_key',
    });
  }
  return topUp;
}

async function findByKey(
  transaction: Transaction,
  organizationId: string,
  idempotencyKey: string,
): Promise<TopUp> {
  const [found] = await transaction
    .select()
    .from(topUps)
    .where(
      and(eq(topUps.organizationId, organizationId), eq(topUps.idempotencyKey, idempotencyKey)),
    );
  if (found === undefined) throw new Error('impossible: a top-up is there and is not');
  return found;
}

/** Of what was asked for, however it was spelt: 20 and "20.00" are the same. */
function hashOf(request: CheckoutRequest): Buffer {
  const { amountNano, savesPaymentMethod, successUrl = null, cancelUrl = null } = request;
  const parts = [amountNano.toString(), savesPaymentMethod, successUrl, cancelUrl];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

async function keepCheckout(
  transaction: Transaction,
  topUp: TopUp,
  { id, url, customerId }: ProviderCheckout,
): Promise<OpenedCheckout> {
  const checkout = { checkoutId: id, checkoutUrl: url ?? null, customerId: customerId ?? null };
  const [kept] = await transaction
    .update(topUps)
    .set({ ...checkout, status: 'open' })
    .where(and(isThisTopUp(topUp), eq(topUps.status, 'opening')))
    .returning();
  // Another request with the same key was faster. Only on its page can be paid.
  const [row] = kept ? [kept] : await transaction.select().from(topUps).where(isThisTopUp(topUp));
  if (row?.checkoutUrl == null) throw isOver();
  return { topUpId: topUp.id, url: row.checkoutUrl };
}

const isOver = (): Refusal =>
  new Refusal('conflict', {
    message: 'This top-up is over. Make a new idempotency_key for another one.',
    param: 'idempotency_key',
  });
