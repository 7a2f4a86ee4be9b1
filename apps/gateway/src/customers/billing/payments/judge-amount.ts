import { printUsd, type NanoUsd } from '@sealgate/contract';
import { Refusal } from '../../../platform/refusal.ts';
import type { PaymentServices } from './services.ts';

const NANO_PER_CENT = 10_000_000n;

/** Refuses what cannot be charged: less or more than the operator allows, or a fraction of a cent. */
export function judgeTopUpAmount(
  { leastNano, mostNano }: Pick<PaymentServices, 'leastNano' | 'mostNano'>,
  amountNano: NanoUsd,
): void {
  const isInCents = amountNano % NANO_PER_CENT === 0n;
  if (isInCents && amountNano >= leastNano && amountNano <= mostNano) return;
  throw new Refusal('invalid_request_error', {
    message: `amount_usd must be from ${printUsd(leastNano)} to ${printUsd(mostNano)} US dollars, with at most two decimals.`,
    param: 'amount_usd',
  });
}
