import { nanoUsd } from '@sealgate/contract';
import { newId } from '../../platform/ids.ts';
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
