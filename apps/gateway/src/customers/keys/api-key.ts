import type { CacheScope, GeoPolicy } from '@sealgate/contract';
import type { BookedPlan } from '../billing/index.ts';
import type { AddressRanges } from '../../platform/net/index.ts';
import type { OwnKeys } from '../provider-keys/index.ts';

/** How the answers of a key are kept and given again. */
export interface KeyCache {
  readonly mode: 'exact' | 'semantic';
  /** Whose answers it may be given. */
  readonly scope: CacheScope;
  readonly ttlMs: number;
  readonly minSimilarity: number;
}

/** A key as the hot path needs it; never the secret. */
export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  /** Of the organization: its months begin there. */
  readonly timeZone: string;
  /** Of the organization: it decides what requests cost. */
  readonly plan: BookedPlan;
  /** Of the organization: with which its requests go to the providers. */
  readonly ownKeys: OwnKeys;
  /** Who made it. `undefined`: an operator. */
  readonly createdBy: string | undefined;
  readonly name: string;
  readonly rateLimitRpm: number;
  /** `undefined`: every model. Entries are public model ids or `nexevo/…` aliases. */
  readonly allowedModels: ReadonlySet<string> | undefined;
  /** Where the providers are to which its requests may go. */
  readonly geoPolicy: GeoPolicy;
  /** `undefined`: nothing is kept. */
  readonly cache: KeyCache | undefined;
  /** `undefined`: from everywhere. */
  readonly allowedAddresses: AddressRanges | undefined;
  readonly expiresAtMs: number | undefined;
  /** Until when this secret is good although a newer one replaced it. */
  readonly replacedAtMs: number | undefined;
}

export type KeyVerdict =
  | { readonly kind: 'valid'; readonly key: ApiKey }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'expired' };

/** Answers from memory where it can: a verdict is cached for 30 s and dropped within 1 s of a revocation anywhere. */
export interface KeyVerifier {
  /** `undefined`: not in memory, ask `verify`. */
  verifyCached(secret: string): KeyVerdict | undefined;
  /** Throws `Refusal('service_unavailable')` when the database cannot be asked; never answers "unknown" then. */
  verify(secret: string): Promise<KeyVerdict>;
  close(): Promise<void>;
}
