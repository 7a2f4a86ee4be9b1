import { nanoUsd, printUsd, type NanoUsd } from '@sealgate/contract';
import {
  chargeOf,
  LIST_PRICE,
  PASSTHROUGH,
  TIER_PRICES,
  type Generation,
} from '../../customers/billing/index.ts';
import type { Admission, Candidate } from './admit.ts';
import type { ChatServices } from './services.ts';
import { NO_USAGE, type TokenUsage } from './usage.ts';

/** How a request ended, as far as money and statistics go. */
export interface Ending {
  readonly outcome: Generation['outcome'];
  readonly status: number;
  readonly candidate: Candidate | undefined;
  readonly modelsTried: readonly string[];
  readonly usage: TokenUsage | undefined;
  readonly usageSource: Generation['usageSource'];
  readonly firstByteAtMs: number | undefined;
}

/** Writes down what the request used. When this resolves the record survives `kill -9`, so the last byte may go out. */
export async function settle(
  services: ChatServices,
  admission: Admission,
  ending: Ending,
): Promise<Generation> {
  const generation = describe(services.clock(), admission, ending);
  services.metrics.generation(generation);
  await services.journal.append(generation);
  return generation;
}

function describe(nowMs: number, admission: Admission, ending: Ending): Generation {
  const { candidate, usage = NO_USAGE } = ending;
  const { startedAtMs, securityTier, request } = admission;
  // What a sealed request asks for is content: any text can stand there.
  const isSealed = admission.route === 'sealed-chat';
  return {
    id: admission.generationId,
    organizationId: admission.key.organizationId,
    keyId: admission.key.id,
    route: admission.route,
    securityTier,
    modelAsked: isSealed ? '' : request.modelsAsked[0],
    modelUsed: candidate?.model.id,
    modelsTried: ending.modelsTried,
    billingTier: billingTierOf(candidate),
    outcome: ending.outcome,
    status: ending.status,
    isStream: request.isStream,
    inputTokens: usage.input,
    cachedInputTokens: usage.cachedInput,
    outputTokens: usage.output,
    reasoningTokens: usage.reasoning,
    usageSource: ending.usageSource,
    costNano: candidate ? costOf(candidate, usage) : nanoUsd(0n),
    startedAtMs,
    firstByteMs:
      ending.firstByteAtMs === undefined ? undefined : ending.firstByteAtMs - startedAtMs,
    latencyMs: nowMs - startedAtMs,
  };
}

/** `auto` bills the tier that served: the cheapest one whose flat price covers the model's list price. */
function billingTierOf(candidate: Candidate | undefined): Generation['billingTier'] {
  if (candidate?.intent.kind !== 'tier') return 'passthrough';
  if (candidate.intent.tier !== 'auto') return candidate.intent.tier;
  const { price } = candidate.model;
  return price && price.output > TIER_PRICES.fast.output ? 'balanced' : 'fast';
}

function costOf(candidate: Candidate, usage: TokenUsage): NanoUsd {
  const tier = billingTierOf(candidate);
  if (tier === 'fast' || tier === 'balanced') return chargeOf(usage, TIER_PRICES[tier], LIST_PRICE);
  const { price } = candidate.model;
  return price ? chargeOf(usage, price, PASSTHROUGH) : nanoUsd(0n);
}

/** The `nexevo` object of an answer. */
export function factsOf(generation: Generation, candidate: Candidate): object {
  return {
    generation_id: generation.id,
    tier: generation.billingTier,
    model_used: generation.modelUsed,
    models_tried: generation.modelsTried,
    cache: 'miss',
    cost_usd: printUsd(generation.costNano),
    latency_ms: generation.latencyMs,
    route: routeOf(candidate),
  };
}

function routeOf({ intent, model }: Candidate): object {
  return intent.kind === 'tier'
    ? {
        asked: intent.tier,
        reason: intent.preference === 'quality' ? 'dearest-healthy' : 'cheapest-healthy',
      }
    : { asked: model.id, reason: 'named-model' };
}
