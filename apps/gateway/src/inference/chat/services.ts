import type {
  BookedPlan,
  Generation,
  HoldKeeper,
  PriceList,
  UsageJournal,
} from '../../customers/billing/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { AnswerCache } from '../cache/index.ts';
import type { Router } from '../routing/index.ts';
import type { TokenCounter } from '../tokens/index.ts';
import type {
  Catalogue,
  Provider,
  ProviderKind,
  Transport,
  UpstreamHealth,
} from '../upstreams/index.ts';

/** What the walk of a request needs from the outside. */
export interface ChatServices {
  readonly catalogue: () => Catalogue;
  readonly transport: Transport;
  readonly providers: Readonly<Record<ProviderKind, Provider>>;
  readonly health: UpstreamHealth;
  readonly router: Router;
  /** May the log of decisions keep what votes teach by? See `ChatRequest.learns`. */
  readonly keepsFeatures: boolean;
  readonly holds: HoldKeeper;
  readonly journal: UsageJournal;
  readonly tokens: TokenCounter;
  /** `undefined`: switched off. */
  readonly cache: AnswerCache | undefined;
  /** What is charged at that moment to whoever has booked this. */
  readonly priceList: (plan: BookedPlan, nowMs: number) => PriceList;
  /** The longest answer of a caller who sets no limit, where the model has none of its own. */
  readonly defaultMaxOutputTokens: number;
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
  /** A second attempt beside a slow one has ended; `won`: with the answer that the caller got. */
  hedge(upstreamId: string, result: 'won' | 'lost'): void;
  generation(generation: Generation): void;
}
