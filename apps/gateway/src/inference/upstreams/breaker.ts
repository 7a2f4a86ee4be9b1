import type { Clock } from '../../platform/clock.ts';

/** Remembers which models fail. A caller's abort is neither a success nor a failure. */
export interface Breaker {
  /** May this model be asked now? After the cool-down one request at a time is let through as a probe. */
  isAvailable(modelId: string): boolean;
  succeeded(modelId: string): void;
  failed(modelId: string): void;
}

interface Circuit {
  failures: number;
  /** Closed circuits have none. While open, the time at which the next probe may start. */
  retryAtMs: number | undefined;
}

/** Opens after `maxFailures` failures in a row and probes again every `coolDownMs`. */
export function createBreaker(options: {
  readonly clock: Clock;
  readonly maxFailures?: number;
  readonly coolDownMs?: number;
}): Breaker {
  const { clock, maxFailures = 5, coolDownMs = 15_000 } = options;
  const circuits = new Map<string, Circuit>();
  return {
    isAvailable(modelId) {
      const circuit = circuits.get(modelId);
      if (circuit?.retryAtMs === undefined) return true;
      if (clock() < circuit.retryAtMs) return false;
      circuit.retryAtMs = clock() + coolDownMs;
      return true;
    },
    succeeded(modelId) {
      circuits.delete(modelId);
    },
    failed(modelId) {
      const circuit = circuits.get(modelId) ?? { failures: 0, retryAtMs: undefined };
      circuit.failures += 1;
      if (circuit.failures >= maxFailures) circuit.retryAtMs = clock() + coolDownMs;
      circuits.set(modelId, circuit);
    },
  };
}
