import type { Upstream } from '../../upstreams/index.ts';

/** Makes vectors of texts. */
export interface Embedder {
  /** Vectors of two models cannot be compared. */
  readonly name: string;
  /**
   * `undefined`: it cannot read this text, has no time, or `mayGoTo` says that its host must not see it. Never rejects, and
   * never blocks the event loop.
   */
  embed(text: string, mayGoTo: (host: Upstream) => boolean): Promise<Int8Array | undefined>;
  close(): Promise<void>;
}
