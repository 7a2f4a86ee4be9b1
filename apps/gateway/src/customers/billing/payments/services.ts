import type { NanoUsd } from '@sealgate/contract';
import { Refusal } from '../../../platform/refusal.ts';
import type { AutoTopUpOutcome } from './auto-top-up/outcome.ts';
import type { MovementKind, Oddity } from './judge.ts';
import type { PaymentProvider } from './provider.ts';

/** What can be counted. */
export interface PaymentMetrics {
  event(outcome: 'accepted' | 'repeated' | 'not_ours' | 'rejected'): void;
  movement(kind: MovementKind): void;
  oddity(oddity: Oddity): void;
  autoTopUp(outcome: AutoTopUpOutcome): void;
}

/** What the verbs of payments need beside their context. */
export interface PaymentServices {
  /** `undefined`: nobody can pay here. */
  readonly provider: PaymentProvider | undefined;
  readonly leastNano: NanoUsd;
  readonly mostNano: NanoUsd;
  /** Where people reach this installation. */
  readonly publicUrl: string;
  readonly metrics: PaymentMetrics;
  readonly log: { error(facts: object, text: string): void };
}

export function requireProvider({ provider }: PaymentServices): PaymentProvider {
  if (provider === undefined) throw new Refusal('payments_not_configured');
  return provider;
}

/** What the provider refuses or leaves unanswered while somebody waits. */
export async function orRefused<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    throw new Refusal('payment_provider_error', { cause, retryAfterSeconds: 5 });
  }
}
