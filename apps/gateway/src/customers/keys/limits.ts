import {
  CACHE_MODES,
  DEFAULT_CACHE,
  type CacheMode,
  type CacheScope,
  type GeoPolicy,
  type NanoUsd,
} from '@sealgate/contract';
import type { Context } from '../../platform/context.ts';
import { createAddressRanges } from '../../platform/net/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { AlertWebhook } from '../billing/index.ts';
import type { StoredKey } from './key.ts';

/** What a key may be limited by. `null`: no such limit. */
export interface KeyLimits {
  readonly monthlySpendCapNano?: NanoUsd | null | undefined;
  readonly alertWebhook?: AlertWebhook | undefined;
  /** Per cent of the cap. */
  readonly alertThresholds?: readonly number[] | undefined;
  readonly geoPolicy?: GeoPolicy | undefined;
  readonly allowedModels?: readonly string[] | null | undefined;
  readonly ipAllowList?: readonly string[] | null | undefined;
  readonly expiresAt?: Date | null | undefined;
  readonly rateLimitRpm?: number | null | undefined;
  readonly cache?: CacheLimits | undefined;
}

type CacheColumns = Pick<
  StoredKey,
  'cacheMode' | 'cacheScope' | 'cacheTtlSeconds' | 'cacheMinSimilarity'
>;

export const NO_CACHE: CacheColumns = {
  cacheMode: DEFAULT_CACHE.mode,
  cacheScope: DEFAULT_CACHE.scope,
  cacheTtlSeconds: DEFAULT_CACHE.ttl_seconds,
  cacheMinSimilarity: DEFAULT_CACHE.min_similarity,
};

/** How its answers are kept and given again. What is `undefined` stays. */
export interface CacheLimits {
  readonly mode?: CacheMode | undefined;
  readonly scope?: CacheScope | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly minSimilarity?: number | undefined;
}

/** A key cannot choose what this server does not have. */
export function refuseBeyond(most: CacheMode, mode: CacheMode | undefined): void {
  if (mode === undefined || CACHE_MODES.indexOf(mode) <= CACHE_MODES.indexOf(most)) return;
  throw new Refusal('invalid_request_error', {
    message: `cache.mode: this server allows no more than "${most}". Its operator can set SEALGATE_CACHE.`,
    param: 'cache.mode',
  });
}

/** Only those that are named. */
export function cacheColumns(cache: CacheLimits = {}): Partial<CacheColumns> {
  const { mode, scope, ttlSeconds, minSimilarity } = cache;
  return {
    ...(mode !== undefined && { cacheMode: mode }),
    ...(scope !== undefined && { cacheScope: scope }),
    ...(ttlSeconds !== undefined && { cacheTtlSeconds: ttlSeconds }),
    ...(minSimilarity !== undefined && { cacheMinSimilarity: minSimilarity }),
  };
}

/** What no schema can tell. */
export function checkLimits({ clock }: Context, { expiresAt, ipAllowList }: KeyLimits): void {
  if (expiresAt && !(expiresAt.getTime() > clock())) {
    throw new Refusal('invalid_request_error', {
      message: 'expires_at: it must lie ahead.',
      param: 'expires_at',
    });
  }
  if (ipAllowList) requireReadable(ipAllowList);
}

/** A list that cannot be read later would lock everybody out. */
function requireReadable(ipAllowList: readonly string[]): void {
  try {
    createAddressRanges(ipAllowList);
  } catch (cause) {
    throw new Refusal('invalid_request_error', {
      message: 'ip_allow_list: every entry must be an address or a range such as 203.0.113.0/24.',
      param: 'ip_allow_list',
      cause,
    });
  }
}
