import type { NanoUsd } from '@sealgate/contract';

/** What one request used and cost. Never holds content. Written once, when the request has ended in whatever way. */
export interface Generation {
  readonly id: string;
  readonly organizationId: string;
  readonly keyId: string;
  readonly route: 'chat' | 'sealed-chat' | 'embeddings';
  readonly securityTier: 'standard' | 'high' | 'maximum' | undefined;
  /** As the caller wrote it, cut at 200 characters; empty for sealed requests on tiers high and maximum. */
  readonly modelAsked: string;
  readonly modelUsed: string | undefined;
  readonly modelsTried: readonly string[];
  readonly billingTier: 'fast' | 'balanced' | 'passthrough' | 'byok';
  readonly outcome: 'success' | 'refused' | 'failed' | 'aborted' | 'timeout';
  readonly status: number;
  readonly isStream: boolean;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Where the token counts come from; `none` when nothing was generated. */
  readonly usageSource: 'upstream' | 'estimated' | 'none';
  readonly costNano: NanoUsd;
  readonly startedAtMs: number;
  readonly firstByteMs: number | undefined;
  readonly latencyMs: number;
}

/** Append-only and on local disk: a record that `append` has resolved for survives `kill -9` of this process. */
export interface UsageJournal {
  append(generation: Generation): Promise<void>;
}
