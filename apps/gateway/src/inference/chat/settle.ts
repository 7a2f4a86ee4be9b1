import { nanoUsd, printUsd, type NanoUsd } from '@sealgate/contract';
import {
  chargeOf,
  NO_TOKENS,
  type CacheOutcome,
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
  /** `undefined`: a model was asked. */
  readonly cache?: Exclude<CacheOutcome, 'miss'> | undefined;
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
  const { candidate, usage, isFree, cache } = ending;
  const costNano = candidate && !isFree ? chargeOf(usage, candidate.tariff, cache) : nanoUsd(0n);
  const chargedNano = admission.hold.settle(costNano);
  const charge = { costNano, chargedNano, nowMs: services.clock() };
  const generation = {
    ...describe(admission, ending, charge),
    decision: recordedDecision(services, admission, ending),
  };
  services.metrics.generation(generation);
  noteAnswer(services, admission, ending);
  await services.journal.append(generation, candidate?.tariff);
  return generation;
}

/** The router learns what to expect of a model, from answers that it has given just now. */
function noteAnswer(
  { router }: ChatServices,
  { key, request, route, decision }: HeldAdmission,
  { candidate, outcome, usage, isFree, cache, answeredModel }: Ending,
): void {
  if (candidate === undefined || outcome !== 'success' || route === 'embeddings' || cache) return;
  router.noteAnswer({
    organizationId: key.organizationId,
    model: candidate.model,
    outputTokens: usage.output / request.choiceCount,
    isEmpty: isFree,
    answeredModel,
    conversation: decision?.conversation,
  });
}

/**
 * Nothing where no model was asked. Of a sealed request nothing that comes from its content is kept, unless its caller says so
 * in it.
 */
function recordedDecision(
  { keepsFeatures }: ChatServices,
  { decision, route, request }: HeldAdmission,
  { cache }: Ending,
): Generation['decision'] {
  const learns = request.learns ?? route !== 'sealed-chat';
  if (decision === undefined || cache || (route === 'sealed-chat' && !learns)) return undefined;
  return recordOf(decision, keepsFeatures && learns);
}

interface Charge {
  readonly costNano: NanoUsd;
  readonly chargedNano: NanoUsd;
  readonly nowMs: number;
}

function describe(
  admission: HeldAdmission,
  ending: Ending,
  { costNano, chargedNano, nowMs }: Charge,
): Generation {
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
    cache: ending.cache ?? 'miss',
    outcome: ending.outcome,
    status: ending.status,
    isStream: request.isStream,
    inputTokens: usage.input,
    cachedInputTokens: usage.cachedInput,
    outputTokens: usage.output,
    reasoningTokens: usage.reasoning,
    usageSource: ending.usageSource,
    costNano: chargedNano,
    writtenOffNano: nanoUsd(costNano - chargedNano),
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
    route: routeOf(admission, candidate, generation.cache),
  };
}

function routeOf(
  { decision, request }: Pick<Admission, 'decision' | 'request'>,
  { intent, model }: Candidate,
  cache: CacheOutcome,
): object {
  const asked = intent.kind === 'tier' ? intent.tier : model.id;
  if (cache !== 'miss') return { asked, reason: 'cached' };
  if (intent.kind === 'model') return { asked, reason: 'named-model' };
  if (decision) return { ...explain(decision, model.id), asked };
  return { asked, reason: request.capabilities.has('chat') ? 'fallback' : 'price' };
}
