import type { NanoUsd } from '@sealgate/contract';
import type { RoutingDecision } from '../../decisions/index.ts';
import type { CacheOutcome } from '../pricing/charge.ts';
import type { BillingTier, Tariff } from '../pricing/tariff.ts';

/** What one request used and cost. Never holds content. Written once, when the request has ended in whatever way. */
export interface Generation {
  readonly id: string;
  readonly organizationId: string;
  readonly keyId: string;
  /** The member for whom the key acts; `undefined`: an operator made it. */
  readonly userId: string | undefined;
  /** In whose budgets it counts, such as `2026-11`. */
  readonly month: string;
  /** What was set aside for it; `undefined`: it could not cost anything. */
  readonly leaseId: string | undefined;
  readonly route: 'chat' | 'sealed-chat' | 'embeddings';
  readonly securityTier: 'standard' | 'high' | 'maximum' | undefined;
  /** As the caller wrote it, cut at 200 characters; empty for sealed requests on tiers high and maximum. */
  readonly modelAsked: string;
  readonly modelUsed: string | undefined;
  readonly modelsTried: readonly string[];
  readonly billingTier: BillingTier;
  /** Of the price that was charged; `undefined`: no model served. */
  readonly priceVersion: string | undefined;
  readonly cache: CacheOutcome;
  readonly outcome: 'success' | 'refused' | 'failed' | 'aborted' | 'timeout';
  readonly status: number;
  readonly isStream: boolean;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /**
   * Where the token counts come from: the upstream, our own count, the most that it can have been, or `none` when nothing
   * was generated.
   */
  readonly usageSource: 'upstream' | 'estimated' | 'bound' | 'none';
  /** What was charged. */
  readonly costNano: NanoUsd;
  /** What could not be charged because the upstream went beyond the limits that it was given. */
  readonly writtenOffNano: NanoUsd;
  readonly startedAtMs: number;
  readonly firstByteMs: number | undefined;
  readonly latencyMs: number;
  /** Why this model; `undefined`: nobody chose, or nothing of it is to be kept. */
  readonly decision?: RoutingDecision | undefined;
}

/** Append-only and on local disk: a record that `append` has resolved for survives `kill -9` of this process. */
export interface UsageJournal {
  append(
    generation: Generation,
    /** By which it was charged. It is kept with the charge, once. */
    tariff?: Tariff,
  ): Promise<void>;
}
