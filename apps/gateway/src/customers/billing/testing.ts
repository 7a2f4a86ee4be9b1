import { nanoUsd } from '@sealgate/contract';
import { newId } from '../../platform/ids.ts';
import { createQueue, type InvoiceServices } from './invoices/services.ts';
import { createPlans, type Plan } from './plans/plan.ts';
import type { PlanServices } from './plans/services.ts';
import { DEFAULT_PRICE_LIST } from './pricing/tariff.ts';
import type { PaymentProvider } from './payments/provider.ts';
import type { PaymentServices } from './payments/services.ts';
import type { Generation } from './usage/generation.ts';

/** What an answer of twelve tokens in and five out has used, at 2026-01-02 unless told otherwise. */
export const testGeneration = (
  organizationId: string,
  changes: Partial<Generation> = {},
): Generation => ({
  id: newId('generation'),
  organizationId,
  keyId: 'key_1',
  userId: undefined,
  month: '2026-01',
  leaseId: undefined,
  route: 'chat',
  securityTier: undefined,
  modelAsked: 'nexevo/auto',
  modelUsed: 'local/math',
  modelsTried: ['local/words', 'local/math'],
  billingTier: 'fast',
  priceVersion: undefined,
  cache: 'miss',
  outcome: 'success',
  status: 200,
  isStream: true,
  inputTokens: 12,
  cachedInputTokens: 2,
  outputTokens: 5,
  reasoningTokens: 1,
  usageSource: 'upstream',
  costNano: nanoUsd(38_000n),
  writtenOffNano: nanoUsd(0n),
  startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  firstByteMs: 12.6,
  latencyMs: 34.4,
  ...changes,
});

export interface TestPayments extends PaymentServices {
  /** What was counted, such as `event accepted`. */
  readonly counted: string[];
  /** What was logged as an error. */
  readonly errors: object[];
}

/** Payments from 5 to 1,000 dollars through this provider; without one they are off. */
export function testPayments(provider?: PaymentProvider): TestPayments {
  const counted: string[] = [];
  const errors: object[] = [];
  const count = (what: string) => (value: string) => void counted.push(`${what} ${value}`);
  return {
    provider,
    leastNano: nanoUsd(5n * 10n ** 9n),
    mostNano: nanoUsd(1_000n * 10n ** 9n),
    publicUrl: 'https://gate.example',
    metrics: {
      event: count('event'),
      movement: count('movement'),
      oddity: count('oddity'),
      autoTopUp: count('auto'),
    },
    log: { error: (facts) => void errors.push(facts) },
    counted,
    errors,
  };
}

export const testInvoices = (): InvoiceServices & { readonly errors: object[] } => {
  const errors: object[] = [];
  return {
    operator: { name: 'Gate Ltd', address: ['1 Main Street', 'Anytown'] },
    log: { error: (facts) => void errors.push(facts) },
    inTurn: createQueue(),
    errors,
  };
};

/** Plans over the prices that are built in. */
export function testPlans(...configured: readonly Plan[]): PlanServices {
  const plans = createPlans(configured);
  return {
    plans,
    prices: {
      listFor: ({ planId }) => ({ ...DEFAULT_PRICE_LIST, planShares: plans.of(planId).shares }),
    },
  };
}
