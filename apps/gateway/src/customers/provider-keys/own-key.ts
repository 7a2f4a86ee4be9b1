import type { Secret } from '../../platform/secret.ts';

/** A provider key of an organization, as the hot path needs it. It comes with the verdict on an API key. */
export interface OwnKey {
  readonly id: string;
  /** Id of the upstream. */
  readonly provider: string;
  /** The only place where it may be sent. */
  readonly origin: string;
  readonly revision: number;
  /** `undefined`: what is stored does not open. It is not used, and nothing else instead. */
  readonly secret: Secret | undefined;
  /** May requests go with the operator's key when this one does not serve? */
  readonly isFallbackAllowed: boolean;
}

/** By provider: of each at most one. */
export type OwnKeys = ReadonlyMap<string, OwnKey>;

export const NO_OWN_KEYS: OwnKeys = new Map();
