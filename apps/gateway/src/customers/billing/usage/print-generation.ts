import type { Generation } from './generation.ts';

/** The database has no place for these in a text. Cutting a caller's text can leave half a surrogate pair. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** A generation in a line of the journal: amounts are text, since JSON has no bigint. */
type Line = Readonly<Record<keyof Generation, unknown>>;

/** One line of JSON; an absent member is null in the database. Written out: it is made for every request. */
export function printGeneration(generation: Generation): string {
  const line: Line = {
    id: generation.id,
    organizationId: generation.organizationId,
    keyId: generation.keyId,
    userId: generation.userId,
    month: generation.month,
    leaseId: generation.leaseId,
    route: generation.route,
    securityTier: generation.securityTier,
    modelAsked: generation.modelAsked.replace(UNSTORABLE, '\u{FFFD}'),
    modelUsed: generation.modelUsed,
    modelsTried: generation.modelsTried,
    billingTier: generation.billingTier,
    priceVersion: generation.priceVersion,
    cache: generation.cache,
    outcome: generation.outcome,
    status: generation.status,
    isStream: generation.isStream,
    inputTokens: generation.inputTokens,
    cachedInputTokens: generation.cachedInputTokens,
    outputTokens: generation.outputTokens,
    reasoningTokens: generation.reasoningTokens,
    usageSource: generation.usageSource,
    costNano: generation.costNano.toString(),
    writtenOffNano: generation.writtenOffNano.toString(),
    startedAtMs: generation.startedAtMs,
    firstByteMs: generation.firstByteMs,
    latencyMs: generation.latencyMs,
    decision: generation.decision,
  };
  return JSON.stringify(line);
}
