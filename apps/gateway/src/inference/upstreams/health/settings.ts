/** How the gateway treats upstreams that fail, limit or dawdle. */
export interface ResilienceSettings {
  readonly breaker: BreakerSettings;
  readonly retries: {
    /** Further tries at the same model when its host stumbles. */
    readonly perModel: number;
    /** Further requests to an upstream, in percent of the first ones. */
    readonly budgetPercent: number;
  };
  /** How long a key that was rejected is left alone. */
  readonly rejectedKeyMs: number;
  readonly hedging: {
    /** Where an upstream says nothing of its own. */
    readonly isOn: boolean;
    readonly atLeastMs: number;
    /** Answers to have seen of a model before its p95 is believed. */
    readonly samples: number;
  };
}

export interface BreakerSettings {
  /** Failures in a row that open a circuit. */
  readonly failures: number;
  /** Share of the last half minute's requests that opens it too, given enough of them. */
  readonly failurePercent: number;
  /** Until the first probe; doubles with every probe that fails. */
  readonly coolDownMs: number;
}

export const DEFAULT_RESILIENCE: ResilienceSettings = {
  breaker: { failures: 5, failurePercent: 50, coolDownMs: 5_000 },
  retries: { perModel: 1, budgetPercent: 20 },
  rejectedKeyMs: 60_000,
  hedging: { isOn: false, atLeastMs: 500, samples: 100 },
};
