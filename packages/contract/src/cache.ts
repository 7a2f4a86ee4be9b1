import { z } from 'zod';

/** From nothing to everything: each includes the ones before it. */
export const CACHE_MODES = ['off', 'exact', 'semantic'] as const;

export type CacheMode = (typeof CACHE_MODES)[number];

export const CACHE_SCOPES = ['key', 'organization'] as const;

export type CacheScope = (typeof CACHE_SCOPES)[number];

/** What one request may want of the cache. */
export const CACHE_WISHES = ['off', 'on', 'exact', 'refresh'] as const;

export type CacheWish = (typeof CACHE_WISHES)[number];

export const DEFAULT_CACHE = {
  mode: 'off',
  scope: 'key',
  ttl_seconds: 86_400,
  min_similarity: 0.8,
} as const;

const mode = z
  .enum(CACHE_MODES)
  .describe(
    '`exact`: the same request gets the answer that is there. `semantic`: so does one whose last message is worded ' +
      'otherwise. The server may allow less.',
  );

const scope = z
  .enum(CACHE_SCOPES)
  .describe(
    '`key`: answers of this key only. `organization`: those of all keys of the organization that say so too, which lets ' +
      'their holders find out what the others have asked.',
  );

const ttlSeconds = z
  .int()
  .min(10)
  .max(2_592_000)
  .describe('How old an answer may be; and how long those of this key are kept.');

const minSimilarity = z
  .number()
  .min(0.5)
  .max(1)
  .describe('For `semantic`: the least cosine similarity of two last messages.');

export const CacheSettings = z.object({
  mode,
  scope,
  ttl_seconds: ttlSeconds,
  min_similarity: minSimilarity,
});

export type CacheSettings = z.output<typeof CacheSettings>;

export const CacheChange = z.strictObject({
  mode: mode.optional(),
  scope: scope.optional(),
  ttl_seconds: ttlSeconds.optional(),
  min_similarity: minSimilarity.optional(),
});

export type CacheChange = z.output<typeof CacheChange>;

/** In a body, and in the header `X-Nexevo-Cache`. */
export const CacheWish = z
  .enum(CACHE_WISHES)
  .describe(
    'For a key with a cache. `off`: neither read nor kept. `refresh`: not read; the new answer replaces the kept one. `on`: ' +
      'also with a temperature above 0. `exact`: the same, and only answers to the very same request.',
  );
