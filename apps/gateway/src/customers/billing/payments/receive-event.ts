import type { Context } from '../../../platform/context.ts';
import { inSystem, stripeEvents, type Transaction } from '../../../platform/db/index.ts';
import { addJob } from '../../../platform/jobs/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import type { ProviderEvent } from './provider.ts';
import { requireProvider, type PaymentServices } from './services.ts';

export interface SignedBody {
  /** As it came: what was signed are its bytes. */
  readonly body: Uint8Array;
  readonly signature: string | undefined;
}

/**
 * Takes an event down, once, and decides on a job that finds out what is true. Whatever is not signed by Stripe, or was long
 * ago, gets one and the same answer, and so does everything where payments are off. Whose an event is, nobody knows yet:
 * hence past all scopes.
 */
export async function receiveEvent(
  ctx: Context,
  { provider, metrics }: PaymentServices,
  { body, signature = '' }: SignedBody,
): Promise<void> {
  const event = provider?.readEvent(body, signature, ctx.clock()) ?? 'unsigned';
  if (event === 'unsigned') {
    metrics.event('rejected');
    throw new Refusal('invalid_request_error', {
      message: 'This is no event that Stripe has signed in the last five minutes.',
    });
  }
  if (event === 'not-ours') return metrics.event('not_ours');
  const isNew = await inSystem(ctx, (transaction) => takeDown(transaction, ctx, event));
  metrics.event(isNew ? 'accepted' : 'repeated');
}

/** Events of which we were never told, be it that this server or the way to it was down. */
export async function catchUpEvents(
  ctx: Context,
  services: PaymentServices,
  since: Date,
): Promise<void> {
  const events = await requireProvider(services).listEvents(since);
  for (const event of events) {
    const isNew = await inSystem(ctx, (transaction) => takeDown(transaction, ctx, event));
    if (isNew) services.metrics.event('accepted');
  }
}

async function takeDown(
  transaction: Transaction,
  ctx: Context,
  event: ProviderEvent,
): Promise<boolean> {
  const inserted = await transaction
    .insert(stripeEvents)
    .values({ ...event, receivedAt: new Date(ctx.clock()) })
    .onConflictDoNothing()
    .returning({ id: stripeEvents.id });
  if (inserted.length === 0) return false;
  await addJob(transaction, 'follow-payment-event', { eventId: event.id });
  return true;
}
