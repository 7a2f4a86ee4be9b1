import type { Upstream } from './model.ts';
import type { UpstreamRequest } from './provider.ts';

/** Why an exchange with an upstream broke. Never shown to callers as it is. */
export type UpstreamFailure =
  | { readonly kind: 'connect'; readonly cause: Error }
  | { readonly kind: 'blocked-address'; readonly cause: Error }
  | { readonly kind: 'timeout'; readonly phase: 'connect' | 'first-byte' | 'idle' | 'total' }
  | { readonly kind: 'broken'; readonly cause: Error };

/** Callbacks, not streams: one object per exchange is all that the hot path allocates. */
export interface ExchangeSink {
  onHead(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** `false` asks for a pause until `resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  /** Called at most once, and never after `onEnd` or after `abort()`. */
  onFailure(failure: UpstreamFailure): void;
}

export interface Exchange {
  resume(): void;
  /** Stops the exchange and closes the upstream's connection. Safe to call at any time, more than once. */
  abort(): void;
}

/** The outbound port. One pool of connections per upstream; never global `fetch`. */
export interface Transport {
  /** `mostMs` shortens the upstream's total timeout: somebody does not wait that long any more. */
  send(upstream: Upstream, request: UpstreamRequest, sink: ExchangeSink, mostMs?: number): Exchange;
  close(): Promise<void>;
}
