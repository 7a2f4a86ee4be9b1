import { parseUsd } from '@sealgate/contract';
import type { Fault } from './fault.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Faults between the variables of payments, in which each may be right by itself. */
export function paymentFaults(env: Variables): Fault[] {
  const faults: Fault[] = [];
  // Without it, whoever finds the address could forge a payment.
  if (env['STRIPE_SECRET_KEY'] !== undefined && env['STRIPE_WEBHOOK_SECRET'] === undefined) {
    faults.push({
      where: 'STRIPE_WEBHOOK_SECRET',
      message:
        'is missing beside STRIPE_SECRET_KEY: add the endpoint /v1/billing/stripe/webhook at Stripe and set its signing secret, ' +
        'or remove STRIPE_SECRET_KEY',
    });
  }
  const [least, most] = [amountIn(env, 'MIN'), amountIn(env, 'MAX')];
  if (least !== undefined && most !== undefined && least > most) {
    faults.push({
      where: 'SEALGATE_TOP_UP_MAX_USD',
      message: 'must not be less than SEALGATE_TOP_UP_MIN_USD',
    });
  }
  return faults;
}

const amountIn = (env: Variables, bound: 'MIN' | 'MAX'): bigint | undefined =>
  parseUsd(env[`SEALGATE_TOP_UP_${bound}_USD`] ?? { MIN: '5.00', MAX: '10000.00' }[bound]);

/** What looks like a mistake: a secret that protects nothing. */
export const paymentWarnings = (env: Variables): string[] =>
  env['STRIPE_WEBHOOK_SECRET'] !== undefined && env['STRIPE_SECRET_KEY'] === undefined
    ? ['STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY: payments are off.']
    : [];
