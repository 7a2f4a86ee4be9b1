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
    refusals: new Counter({
      name: 'sealgate_refusals_total',
      help: 'Refused requests by route and code of the refusal table.',
      labelNames: ['route', 'code'],
      registers,
    }),
  } as const;
}

/** Of what no caller waits for. */
const backgroundMetrics = (registers: Registry[]) => ({
  alertTries: new Counter({
    name: 'sealgate_alert_tries_total',
    help: 'Tries to reach alert webhooks by outcome; given-up: an event that will not be tried again.',
    labelNames: ['outcome'],
    registers,
  }),
  /** Asks for the number whenever the metrics are read. */
  watchJournal: (pendingCount: () => number) =>
    new Gauge({
      name: 'sealgate_journal_pending_records',
      help: 'Usage records on local disk that are not in the database yet.',
      registers,
      collect() {
        this.set(pendingCount());
      },
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

export type Metrics = ReturnType<typeof createMetrics>;
