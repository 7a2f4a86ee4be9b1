import { ENDPOINTS, nanoUsd, printUsd, type ChargedPrice } from '@sealgate/contract';
import { printTariff, readTariff } from '../../customers/billing/index.ts';
import { retrieveGeneration, type JudgedGeneration } from '../../customers/generations/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printFeedback } from './feedback.ts';

export function addGenerationRoutes(addRoute: AddRoute, flushUsage: () => Promise<void>): void {
  addRoute(ENDPOINTS.retrieveGeneration, async (ctx, { params }) =>
    printGeneration(await retrieveGeneration({ ...ctx, flushUsage }, params.generation_id)),
  );
}

const printGeneration = ({ generation, vote, terms }: JudgedGeneration) => ({
  generation_id: generation.id,
  route: generation.route,
  security_tier: generation.securityTier,
  tier: generation.billingTier,
  model_asked: generation.modelAsked || null,
  model_used: generation.modelUsed,
  models_tried: generation.modelsTried,
  outcome: generation.outcome,
  status: generation.status,
  is_stream: generation.isStream,
  input_tokens: generation.inputTokens,
  cached_input_tokens: generation.cachedInputTokens,
  output_tokens: generation.outputTokens,
  reasoning_tokens: generation.reasoningTokens,
  usage_source: generation.usageSource,
  cost_usd: printUsd(nanoUsd(generation.costNano)),
  price_version: generation.priceVersion,
  price: terms === undefined ? null : printPrice(terms),
  cache: generation.cache,
  started_at: generation.startedAt.toISOString(),
  first_byte_ms: generation.firstByteMs,
  latency_ms: generation.latencyMs,
  feedback: vote === undefined ? null : printFeedback(vote),
});

function printPrice(terms: unknown): ChargedPrice {
  const { price: tokens, tier: _tier, ...rest } = printTariff(readTariff(terms));
  return { tokens, ...rest };
}
