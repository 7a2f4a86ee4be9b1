import type { Quantiles } from './statistics.ts';

/** One measurement: which bytes to send, and how. */
export interface Load {
  readonly port: number;
  /** Whole HTTP requests, sent in turn. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Undefined: each connection sends its next request as soon as it has the answer. */
  readonly ratePerSecond?: number;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Answers other than 200, and broken connections. */
  readonly errors: number;
  /** From the request's first byte to the answer's last. */
  readonly latencyMs: Quantiles;
  /** From the request's first byte to the first byte of the answer's body. */
  readonly firstByteMs: Quantiles;
  /** How long the marks of the mock upstream took to arrive. Empty for JSON. */
  readonly chunkDelayMs: Quantiles;
  readonly chunksPerSecond: number;
  /** With the warm-up: what the processor time of the target is divided by. */
  readonly answered: number;
  readonly chunks: number;
}

/** The mock writes the moment of sending into each chunk: `@` and 16 digits, microseconds of the machine's monotonic clock. */
export const MARK = /@(\d{16})/g;

export const monotonicMicros = (): bigint => process.hrtime.bigint() / 1000n;

export const markNow = (): string => `@${String(monotonicMicros()).padStart(16, '0')}`;
