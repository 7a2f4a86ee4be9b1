import type { Model, Upstream } from './model.ts';

export type TierName = 'fast' | 'balanced' | 'auto';

/** What can be called now. Replaced as a whole when discovery or configuration changes it. */
export interface Catalogue {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly models: ReadonlyMap<string, Model>;
  /** Candidates of each tier, in configured order. */
  readonly pools: Readonly<Record<TierName, readonly Model[]>>;
  /** A model of that upstream as far as its name tells, whether it is among `models` or not. */
  readonly modelNamed: (upstream: Upstream, name: string) => Model;
  /** Of a pool, those that serve only while no other can. */
  readonly lastResorts?: Readonly<Partial<Record<TierName, ReadonlySet<Model>>>>;
}
