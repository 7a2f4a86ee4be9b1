import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds in seconds, from a cached refusal to a long generation. */
const LATENCY_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
];

/** Every metric of the gateway. Labels are closed sets or what the operator configured: never ids, never callers' text. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    ...backgroundMetrics(registers),
    ...paymentCounters(registers),
    requests: new Counter({
      name: 'sealgate_requests_total',
      help: 'Requests by route and status class (2xx, 4xx, …; 499 is a caller that left).',
      labelNames: ['route', 'status'],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'sealgate_request_duration_seconds',
      help: 'Time from the request line to the last byte, by route.',
      labelNames: ['route'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    firstByteSeconds: new Histogram({
      name: 'sealgate_first_byte_seconds',
      help: 'Time from admission to the first byte of a stream.',
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    generations: new Counter({
      name: 'sealgate_generations_total',
      help: 'Billable requests by route, billing tier, security tier and outcome.',
      labelNames: ['route', 'billing_tier', 'security_tier', 'outcome'],
      registers,
    }),
    refusals: new Counter({
      name: 'sealgate_refusals_total',
      help: 'Refused requests by route and code of the refusal table.',
      labelNames: ['route', 'code'],
      registers,
    }),
    ...upstreamCounters(registers),
    ...cacheMetrics(registers),
    ...routingMetrics(registers),
    watchRouter: (source: RouterSource) => watchRouter(registry, source),
    watchJournal: (pendingCount: () => number) => watchJournal(registry, pendingCount),
    watchCache: (bytes: () => number) => watchCache(registry, bytes),
    watchHealth: (source: HealthSource) => watchHealth(registry, source),
  } as const;
}

const upstreamCounters = (registers: Registry[]) => ({
  tokens: new Counter({
    name: 'sealgate_tokens_total',
    help: 'Tokens by direction (input, output) and upstream.',
    labelNames: ['direction', 'upstream'],
    registers,
  }),
  upstreamAttempts: new Counter({
    name: 'sealgate_upstream_attempts_total',
    help: 'Requests sent to upstreams, by upstream and outcome.',
    labelNames: ['upstream', 'outcome'],
    registers,
  }),
  hedges: new Counter({
    name: 'sealgate_upstream_hedges_total',
    help: 'Second attempts beside a slow one, by the upstream that got them and result (won, lost).',
    labelNames: ['upstream', 'result'],
    registers,
  }),
});

/** From nothing in common to the same. */
const SIMILARITY_BUCKETS = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

const cacheMetrics = (registers: Registry[]) => ({
  cacheLookups: new Counter({
    name: 'sealgate_cache_lookups_total',
    help: 'Looks for kept answers by kind (exact, semantic) and result; withheld: a hit that a model answered too, to compare; unavailable: the database did not tell in time.',
    labelNames: ['kind', 'result'],
    registers,
  }),
  cacheWrites: new Counter({
    name: 'sealgate_cache_writes_total',
    help: 'Answers to be kept by result: kept, dropped (too many waited) or failed.',
    labelNames: ['result'],
    registers,
  }),
  cacheCheckSimilarity: new Histogram({
    name: 'sealgate_cache_check_similarity',
    help: 'How alike an answer that was withheld and the one that a model gave instead are, by kind of hit. What exact shows is how alike two answers to one question are.',
    labelNames: ['kind'],
    buckets: SIMILARITY_BUCKETS,
    registers,
  }),
});

/** From a tiny prompt to more than a request should wait for. */
const DECISION_BUCKETS = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025];

const routingMetrics = (registers: Registry[]) => ({
  routingDecisions: new Counter({
    name: 'sealgate_routing_decisions_total',
    help: 'Choices among the models of a tier, by tier and reason (best, exploration, conversation, only-one).',
    labelNames: ['tier', 'reason'],
    registers,
  }),
  routingDecisionSeconds: new Histogram({
    name: 'sealgate_routing_decision_seconds',
    help: 'Time that a choice took, reading the prompt included.',
    buckets: DECISION_BUCKETS,
    registers,
  }),
  routingLessons: new Counter({
    name: 'sealgate_routing_lessons_total',
    help: 'What this gateway taught the router, by signal (rated-good, rated-bad, regenerated, withdrawn).',
    labelNames: ['signal'],
    registers,
  }),
  routingChanges: new Counter({
    name: 'sealgate_routing_model_changes_total',
    help: 'Models that have become worse than expected (drifted) or another version (reset), by model.',
    labelNames: ['model', 'change'],
    registers,
  }),
});

/** Models that could have served since the start. */
interface RouterSource {
  standings(): Iterable<readonly [modelId: string, quality: number, ratings: number]>;
}

function watchRouter(registry: Registry, source: RouterSource): void {
  gauge(registry, {
    name: 'sealgate_model_quality',
    help: 'Mean quality expected lately of a model for the requests that it could have served, 0 to 1.',
    labelNames: ['model'],
    collect: (set) => {
      for (const [model, quality] of source.standings()) set({ model }, quality);
    },
  });
  gauge(registry, {
    name: 'sealgate_model_ratings',
    help: 'Votes and signals behind the expected quality of a model.',
    labelNames: ['model'],
    collect: (set) => {
      for (const [model, , ratings] of source.standings()) set({ model }, ratings);
    },
  });
}

/** Of what no caller waits for. */
const backgroundMetrics = (registers: Registry[]) => ({
  alertTries: new Counter({
    name: 'sealgate_alert_tries_total',
    help: 'Tries to reach alert webhooks by outcome; given-up: an event that will not be tried again.',
    labelNames: ['outcome'],
    registers,
  }),
});

const paymentCounters = (registers: Registry[]) => ({
  paymentEvents: new Counter({
    name: 'sealgate_payment_events_total',
    help: 'Events at the Stripe webhook: accepted, repeated, not_ours or rejected (not signed by Stripe).',
    labelNames: ['outcome'],
    registers,
  }),
  paymentMovements: new Counter({
    name: 'sealgate_payment_movements_total',
    help: 'Transfers booked because of payments, by kind of the ledger.',
    labelNames: ['kind'],
    registers,
  }),
  paymentOddities: new Counter({
    name: 'sealgate_payment_oddities_total',
    help: 'Payments that did not fit their top-up and were not credited, by what was wrong. Alert on any.',
    labelNames: ['oddity'],
    registers,
  }),
  autoTopUps: new Counter({
    name: 'sealgate_auto_top_ups_total',
    help: 'Automatic top-ups by outcome: paid, declined, disabled (the last decline) or skipped.',
    labelNames: ['outcome'],
    registers,
  }),
});

function watchCache(registry: Registry, bytes: () => number): void {
  gauge(registry, {
    name: 'sealgate_cache_memory_bytes',
    help: 'Kept answers in memory, and streams that are being kept.',
    labelNames: [],
    collect: (set) => set({}, bytes()),
  });
}

/** Asks for the number whenever the metrics are read. */
function watchJournal(registry: Registry, pendingCount: () => number): void {
  gauge(registry, {
    name: 'sealgate_journal_pending_records',
    help: 'Usage records on local disk that are not in the database yet.',
    labelNames: [],
    collect: (set) => set({}, pendingCount()),
  });
}

const STATES = ['healthy', 'degraded', 'unavailable'] as const;

interface Reading {
  readonly state: (typeof STATES)[number];
  readonly failureRatio: number;
  readonly closure: { readonly untilMs: number } | undefined;
}

interface Durations {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

interface ReadingOfModel extends Reading {
  readonly streamFirstByte: Durations | undefined;
  readonly wholeAnswer: Durations | undefined;
}

/** Upstreams and models that were asked since the start. */
export interface HealthSource {
  upstreams(): Iterable<readonly [upstreamId: string, reading: Reading]>;
  models(): Iterable<readonly [modelId: string, upstreamId: string, reading: ReadingOfModel]>;
}

function watchHealth(registry: Registry, source: HealthSource): void {
  const each = (use: (labels: Labels, reading: Reading) => void): void => {
    for (const [upstream, reading] of source.upstreams()) use({ upstream, model: '' }, reading);
    for (const [model, upstream, reading] of source.models()) use({ upstream, model }, reading);
  };
  gauge(registry, {
    name: 'sealgate_upstream_state',
    help: '1 for the state that an upstream (model="") or a model is in: healthy, degraded, unavailable.',
    labelNames: ['upstream', 'model', 'state'],
    collect: (set) =>
      each((labels, reading) => {
        for (const state of STATES) set({ ...labels, state }, Number(state === reading.state));
      }),
  });
  gauge(registry, {
    name: 'sealgate_upstream_failure_ratio',
    help: 'Share of failures among the requests of the last half minute, by upstream (model="") and model.',
    labelNames: ['upstream', 'model'],
    collect: (set) => each((labels, { failureRatio }) => set(labels, failureRatio)),
  });
  gauge(registry, {
    name: 'sealgate_upstream_unavailable_until_timestamp_seconds',
    help: 'When an upstream (model="") or a model that is left alone is asked again; 0 while it is not left alone.',
    labelNames: ['upstream', 'model'],
    collect: (set) => each((labels, { closure }) => set(labels, (closure?.untilMs ?? 0) / 1_000)),
  });
  watchDurations(registry, source);
}

function watchDurations(registry: Registry, source: HealthSource): void {
  gauge(registry, {
    name: 'sealgate_model_answer_seconds',
    help: 'Recent time to the first byte of streams and to whole answers (mode), by model and quantile.',
    labelNames: ['upstream', 'model', 'mode', 'quantile'],
    collect: (set) => {
      for (const [model, upstream, { streamFirstByte, wholeAnswer }] of source.models()) {
        for (const [mode, durations] of [
          ['stream', streamFirstByte],
          ['whole', wholeAnswer],
        ] as const) {
          if (!durations) continue;
          const labels = { upstream, model, mode };
          set({ ...labels, quantile: '0.5' }, durations.p50Ms / 1_000);
          set({ ...labels, quantile: '0.95' }, durations.p95Ms / 1_000);
        }
      }
    },
  });
}

type Labels = Readonly<Record<string, string>>;

/** A gauge without a past: what it shows is asked for whenever the metrics are read. */
function gauge(
  registry: Registry,
  options: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: readonly string[];
    readonly collect: (set: (labels: Labels, value: number) => void) => void;
  },
): Gauge {
  const { name, help, labelNames, collect } = options;
  return new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      collect((labels, value) => this.set(labels, value));
    },
  });
}

export type Metrics = ReturnType<typeof createMetrics>;
