import { z } from 'zod';
import { DEFAULT_CACHE_SETTINGS, type CacheSettings } from '../inference/cache/index.ts';

/** The part of `sealgate.yaml` about kept answers. */

const MEBIBYTE = 1_024 * 1_024;
const { memoryBytes, organization, checkPercent } = DEFAULT_CACHE_SETTINGS;

const whole = (bounds: readonly [number, number], byDefault: number, what: string) =>
  z.int().min(bounds[0]).max(bounds[1]).default(byDefault).describe(what);

export const FileCache = z.strictObject({
  embedding_model: z
    .string()
    .regex(/^[^/\s]+\/\S+$/, 'must be a model as upstream/model')
    .optional()
    .describe(
      'Makes the vectors for `semantic`; when absent, the packages @energetic-ai/… do, if they are installed',
    ),
  check_percent: whole(
    [0, 100],
    checkPercent,
    'Share of the hits of keys with `semantic` that a model answers all the same, to compare the answers',
  ),
  memory_mb: whole([0, 65_536], memoryBytes / MEBIBYTE, 'Answers in memory, in mebibytes'),
  organization_entries: whole(
    [1, 10_000_000],
    organization.entries,
    'Most answers of one organization in the database',
  ),
  organization_mb: whole(
    [1, 1_048_576],
    organization.bytes / MEBIBYTE,
    'Most mebibytes of one organization in the database',
  ),
});

type FileCache = z.output<typeof FileCache>;

export const cacheSettings = (mode: CacheSettings['mode'], file: FileCache): CacheSettings =>
  Object.freeze({
    mode,
    embeddingModel: file.embedding_model,
    checkPercent: file.check_percent,
    memoryBytes: file.memory_mb * MEBIBYTE,
    organization: Object.freeze({
      entries: file.organization_entries,
      bytes: file.organization_mb * MEBIBYTE,
    }),
  });
