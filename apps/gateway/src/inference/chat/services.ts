import type { Generation, UsageJournal } from '../../customers/billing/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Breaker, Catalogue, Provider, ProviderKind, Transport } from '../upstreams/index.ts';

/** What the walk of a request needs from the outside. */
export interface ChatServices {
  readonly catalogue: () => Catalogue;
  readonly transport: Transport;
  readonly providers: Readonly<Record<ProviderKind, Provider>>;
  readonly breaker: Breaker;
  readonly journal: UsageJournal;
  readonly metrics: ChatMetrics;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface ChatMetrics {
  upstreamAttempt(
    upstreamId: string,
    outcome: 'success' | 'client_error' | 'server_error' | 'failed' | 'aborted',
  ): void;
  generation(generation: Generation): void;
}
