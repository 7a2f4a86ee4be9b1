import { CACHE_WISHES, type CacheWish } from '@sealgate/contract';
import { Refusal } from '../../platform/refusal.ts';

const WISHES: readonly unknown[] = CACHE_WISHES;
const HEADER = 'X-Nexevo-Cache';

/** From the field `cache` and the header of the same meaning. Whoever says `off` is obeyed, otherwise the field is. */
export function readCacheWish(field: unknown, header: string | undefined): CacheWish | undefined {
  const inBody = read(field, 'cache');
  const inHeader = read(header?.trim().toLowerCase(), HEADER);
  return inHeader === 'off' ? inHeader : (inBody ?? inHeader);
}

function read(value: unknown, param: string): CacheWish | undefined {
  if (value === undefined || value === null) return undefined;
  if (isWish(value)) return value;
  throw new Refusal('invalid_request_error', {
    param,
    message: `${param} must be one of ${CACHE_WISHES.join(', ')}.`,
  });
}

const isWish = (value: unknown): value is CacheWish => WISHES.includes(value);
