import { nanoUsd, printUsd, type NanoUsd } from '@sealgate/contract';
import {
  chargeOf,
  NO_TOKENS,
  type Generation,
  type TokenUsage,
} from '../../customers/billing/index.ts';
import { explain, recordOf } from '../routing/index.ts';
import type { Admission, Candidate } from './admit.ts';
import type { HeldAdmission } from './hold.ts';
import type { ChatServices } from './services.ts';

/** How a request ended, as far as money and statistics go. */
export interface Ending {
  readonly outcome: Generation['outcome'];
  readonly status: number;
  readonly candidate: Candidate | undefined;
  readonly modelsTried: readonly string[];
  readonly usage: TokenUsage;
  readonly usageSource: Generation['usageSource'];
  readonly firstByteAtMs: number | undefined;
  /** The answer was empty, or none: it costs nothing, whatever was used. */
  readonly isFree: boolean;
  /** What the host calls the model that answered. */
  readonly answeredModel: string | undefined;
}

/**
 * Charges the request and writes down what it used. When this resolves the record survives `kill -9`, so the last byte may
 * go out. When it rejects nothing is charged: the lease of the hold gives it back.
 */
export async function settle(
  services: ChatServices,
  admission: HeldAdmission,
  ending: Ending,
): Promise<Generation> {
  const { candidate, usage, isFree } = ending;
  const costNano = candidate && !isFree ? chargeOf(usage, candidate.tariff) : nanoUsd(0n);
  const chargedNano = admission.hold.settle(costNano);
  const generation = {
    ...describe(services.clock(), admission, { ...ending, costNano, chargedNano }),
    decision: recordedDecision(services, admission),
  };
  services.metrics.generation(generation);
  if (candidate && ending.outcome === 'success' && admission.route !== 'embeddings') {
    services.router.noteAnswer({
      organizationId: admission.key.organizationId,
      model: candidate.model,
      outputTokens: usage.output / admission.request.choiceCount,
      isEmpty: isFree,
      answeredModel: ending.answeredModel,
      conversation: admission.decision?.conversation,
    });
  }
  await services.journal.append(generation);
  return generation;
}

/** Of a sealed request nothing that comes from its content is kept, unless its caller says so in it. */
function recordedDecision(
  { keepsFeatures }: ChatServices,
  { decision, route, request }: Admission,
): Generation['decision'] {
  const learns = request.learns ?? route !== 'sealed-chat';
  if (decision === undefined || (route === 'sealed-chat' && !learns)) return undefined;
  return recordOf(decision, keepsFeatures && learns);
}

interface ChargedEnding extends Ending {
  readonly costNano: NanoUsd;
  readonly chargedNano: NanoUsd;
}

function describe(nowMs: number, admission: HeldAdmission, ending: ChargedEnding): Generation {
  const { candidate, usage } = ending;
  const { startedAtMs, securityTier, request, hold, key } = admission;
  // What a sealed request asks for is content: any text can stand there.
  const isSealed = admission.route === 'sealed-chat';
  return {
    id: admission.generationId,
    organizationId: key.organizationId,
    keyId: key.id,
    userId: key.createdBy,
    month: hold.month,
    leaseId: hold.leaseId,
    route: admission.route,
    securityTier,
    modelAsked: isSealed ? '' : request.modelsAsked[0],
    modelUsed: candidate?.model.id,
    modelsTried: ending.modelsTried,
    billingTier: (candidate ?? admission.candidates[0])?.tariff.tier ?? 'passthrough',
    priceVersion: candidate?.tariff.version,
    cache: 'miss',
    outcome: ending.outcome,
    status: ending.status,
    isStream: request.isStream,
    inputTokens: usage.input,
    cachedInputTokens: usage.cachedInput,
    outputTokens: usage.output,
    reasoningTokens: usage.reasoning,
    usageSource: ending.usageSource,
    costNano: ending.chargedNano,
    writtenOffNano: nanoUsd(ending.costNano - ending.chargedNano),
    startedAtMs,
    firstByteMs:
      ending.firstByteAtMs === undefined ? undefined : ending.firstByteAtMs - startedAtMs,
    latencyMs: nowMs - startedAtMs,
  };
}

/** What was used where no model has begun to answer. */
export const NOTHING_USED = {
  candidate: undefined,
  usage: NO_TOKENS,
  usageSource: 'none',
  firstByteAtMs: undefined,
  isFree: true,
  answeredModel: undefined,
} as const satisfies Partial<Ending>;

/** The `nexevo` object of an answer. */
export function factsOf(
  generation: Generation,
  admission: Pick<Admission, 'decision' | 'request'>,
  candidate: Candidate,
): object {
  return {
    generation_id: generation.id,
    tier: generation.billingTier,
    model_used: generation.modelUsed,
    models_tried: generation.modelsTried,
    cache: generation.cache,
    cost_usd: printUsd(generation.costNano),
    latency_ms: generation.latencyMs,
    route: routeOf(admission, candidate),
  };
}

function routeOf(
  { decision, request }: Pick<Admission, 'decision' | 'request'>,
  { intent, model }: Candidate,
): object {
  if (intent.kind === 'model') return { asked: model.id, reason: 'named-model' };
  if (decision) return { ...explain(decision, model.id), asked: intent.tier };
  return { asked: intent.tier, reason: request.capabilities.has('chat') ? 'fallback' : 'price' };
}
