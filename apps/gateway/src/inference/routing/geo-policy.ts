import type { GeoPolicy } from '@sealgate/contract';
import type { Region } from '../upstreams/index.ts';

const REGIONS: Readonly<Record<GeoPolicy, ReadonlySet<Region>>> = {
  any: new Set(['cn', 'overseas']),
  'cn-only': new Set(['cn']),
  'overseas-only': new Set(['overseas']),
};

/** Where the hosts may be to which a key with this policy sends. */
export const regionsOf = (policy: GeoPolicy): ReadonlySet<Region> => REGIONS[policy];
