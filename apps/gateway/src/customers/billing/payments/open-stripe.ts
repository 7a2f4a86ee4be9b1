import type { PaymentProvider } from './provider.ts';
import type { StripeSettings } from './stripe.ts';

/** Stripe's package takes 20 MB and a moment to load: only where payments are set up. */
export async function openStripe(settings: StripeSettings): Promise<PaymentProvider> {
  const { createStripe } = await import('./stripe.ts');
  return createStripe(settings);
}
