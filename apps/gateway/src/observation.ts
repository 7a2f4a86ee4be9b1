import type { PaymentMetrics } from './customers/billing/index.ts';
import type { OwnKeyLog } from './customers/provider-keys/index.ts';
import type { RequestLine } from './http/index.ts';
import type { CacheMetrics } from './inference/cache/index.ts';
import type { ChatMetrics } from './inference/chat/index.ts';
import type { Taught } from './inference/experience/index.ts';
import type { RouterMetrics } from './inference/routing/index.ts';
import type { HealthEvent, KeyOwner } from './inference/upstreams/index.ts';
import type { Clock } from './platform/clock.ts';
import type { Logs, Metrics } from './platform/telemetry/index.ts';

/** Counts what the walk of a request reports. */
export function chatMetrics(metrics: Metrics): ChatMetrics {
  return {
    upstreamAttempt: (upstream, outcome) => metrics.upstreamAttempts.inc({ upstream, outcome }),
    hedge: (upstream, result) => metrics.hedges.inc({ upstream, result }),
    generation(generation) {
      const { route, billingTier, securityTier, outcome, modelUsed } = generation;
      metrics.generations.inc({
        route,
        billing_tier: billingTier,
        security_tier: securityTier ?? 'none',
        outcome,
      });
      if (generation.firstByteMs !== undefined) {
        metrics.firstByteSeconds.observe(generation.firstByteMs / 1_000);
      }
      // What was given again was generated once.
      if (modelUsed === undefined || generation.cache !== 'miss') return;
      const upstream = modelUsed.slice(0, modelUsed.indexOf('/'));
      metrics.tokens.inc({ direction: 'input', upstream }, generation.inputTokens);
      metrics.tokens.inc({ direction: 'output', upstream }, generation.outputTokens);
    },
  };
}

/** Counts what caches are worth, and how far to trust them. */
export const cacheMetrics = (metrics: Metrics): CacheMetrics => ({
  lookup: (kind, result) => metrics.cacheLookups.inc({ kind, result }),
  write: (result, count) => metrics.cacheWrites.inc({ result }, count),
  check: (kind, similarity) => metrics.cacheCheckSimilarity.observe({ kind }, similarity),
});

/** Counts what the router decides. */
export const routerMetrics = (metrics: Metrics): RouterMetrics => ({
  decision(tier, reason, seconds) {
    metrics.routingDecisions.inc({ tier, reason });
    metrics.routingDecisionSeconds.observe(seconds);
  },
});

const MODEL_LINES = {
  drifted: 'routing: a model is rated worse than it was; it is tried as if it were new',
  reset: 'routing: a host has another version of a model; little is kept of what was learned',
} as const;

/** Counts what the router learns, and says what an operator may want to know of a model. */
export const lessonObserver =
  (log: Logs['log'], metrics: Metrics) =>
  (taught: Taught): void => {
    switch (taught.kind) {
      case 'lesson':
        return metrics.routingLessons.inc({ signal: taught.signal });
      case 'withdrawn':
        return metrics.routingLessons.inc({ signal: 'withdrawn' });
      case 'drifted':
      case 'reset':
        metrics.routingChanges.inc({ model: taught.modelId, change: taught.kind });
        log.warn({ model: taught.modelId }, MODEL_LINES[taught.kind]);
    }
  };

/** Counts what becomes of payments. */
export const paymentMetrics = (metrics: Metrics): PaymentMetrics => ({
  event: (outcome) => metrics.paymentEvents.inc({ outcome }),
  movement: (kind) => metrics.paymentMovements.inc({ kind }),
  oddity: (oddity) => metrics.paymentOddities.inc({ oddity }),
  autoTopUp: (outcome) => metrics.autoTopUps.inc({ outcome }),
});

type UpstreamEvent = Exclude<HealthEvent, { readonly owner: KeyOwner }>;

const HEALTH_LINES = {
  opened: 'upstream left alone after failures',
  recovered: 'upstream works again',
  'key-rejected': 'upstream rejects our key',
} as const satisfies Record<UpstreamEvent['kind'], string>;

/** A line for what an operator may have to mend; a note for the owner of a key. */
export const healthObserver =
  (log: Logs['log'], ownKeys: OwnKeyLog, clock: Clock) =>
  (event: HealthEvent): void => {
    switch (event.kind) {
      case 'own-key-used':
        return ownKeys.used(event.owner, clock());
      case 'own-key-rejected':
        return ownKeys.rejected(event.owner, event.status, clock());
      case 'opened':
      case 'recovered':
      case 'key-rejected': {
        const { kind, ...facts } = event;
        log.warn(facts, HEALTH_LINES[kind]);
      }
    }
  };

/** One line in the log and one count for each request, at its end. */
export function requestObserver(
  { log, requestLog }: Pick<Logs, 'log' | 'requestLog'>,
  metrics: Metrics,
): (line: RequestLine) => void {
  return ({ error, ...line }) => {
    const status = line.status === 499 ? '499' : `${Math.floor(line.status / 100)}xx`;
    metrics.requests.inc({ route: line.route, status });
    metrics.requestSeconds.observe({ route: line.route }, line.durationMs / 1_000);
    if (line.refusal !== undefined) {
      metrics.refusals.inc({ route: line.route, code: line.refusal });
    }
    if (line.status >= 500 && error !== undefined)
      log.error({ ...line, err: error }, 'request failed');
    else requestLog.info(line, 'request');
  };
}
