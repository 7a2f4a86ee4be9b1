import type { CacheMode } from '@sealgate/contract';

/** What an installation allows, and how much it keeps. */
export interface CacheSettings {
  /** The most that keys may choose. */
  readonly mode: CacheMode;
  /** Makes vectors, as `upstream/model`; `undefined`: the optional packages, where they are installed. */
  readonly embeddingModel: string | undefined;
  /** Of the hits of keys with `semantic`, in per cent: answered by a model all the same, and compared. */
  readonly checkPercent: number;
  /** Of this process. */
  readonly memoryBytes: number;
  /** In the database, for each organization. */
  readonly organization: { readonly entries: number; readonly bytes: number };
}

export const DEFAULT_CACHE_SETTINGS: CacheSettings = {
  mode: 'exact',
  embeddingModel: undefined,
  checkPercent: 2,
  memoryBytes: 32 * 1_024 * 1_024,
  organization: { entries: 10_000, bytes: 64 * 1_024 * 1_024 },
};
