import { ENDPOINTS, StripeEventReceipt } from '@sealgate/contract';
import type { Context as HonoContext, Hono } from 'hono';
import { receiveEvent, type PaymentServices } from '../../customers/billing/index.ts';
import type { Context } from '../../platform/context.ts';
import type { Env } from '../env.ts';
import { readBodyBytes } from '../platform/read-body.ts';

const ROW = ENDPOINTS.receiveStripeEvent;

/** Past the other rows: what was signed are the bytes, and whoever sends others must learn nothing from the answer. */
export function addStripeWebhook(
  app: Hono<Env>,
  { store, clock, newId, vault }: Omit<Context, 'actor' | 'address'>,
  payments: PaymentServices,
  addressOf: (http: HonoContext<Env>) => string,
): void {
  app.post(ROW.path, async (http) => {
    const actor = { kind: 'anonymous' } as const;
    const ctx = { store, clock, newId, vault, actor, address: addressOf(http) };
    const body = await readBodyBytes(http, ROW.request.maxBodyBytes);
    await receiveEvent(ctx, payments, { body, signature: http.req.header('stripe-signature') });
    return http.json(StripeEventReceipt.parse({ received: true }));
  });
}
