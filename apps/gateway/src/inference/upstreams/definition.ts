import type { Price } from '../../customers/billing/index.ts';
import type { Capability, Upstream } from './model.ts';

/** What is known of a model; what is missing is filled in from the price catalogue. */
export interface ModelDefinition {
  /** The id that the upstream knows. */
  readonly name: string;
  /** How callers name it below the upstream's id; `name` when absent. */
  readonly id?: string | undefined;
  readonly price?: Price | undefined;
  readonly contextLength?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly defaultMaxOutputTokens?: number | undefined;
  readonly capabilities?: readonly Capability[] | undefined;
  /** See `Model`. */
  readonly quality?: number | undefined;
}

export interface UpstreamDefinition {
  readonly upstream: Upstream;
  /** `undefined`: whatever the host lists when it is asked; until then, what is known of it. */
  readonly models: readonly ModelDefinition[] | undefined;
  /** The host itself says so, and not the operator. */
  readonly isListed?: boolean;
}
