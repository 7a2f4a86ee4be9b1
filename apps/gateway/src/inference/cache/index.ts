export { openAnswerCache, type AnswerCache } from './answer-cache.ts';
export type { CacheableRequest, KeptAnswer, Likeness, Recollection } from './cacheable-request.ts';
export type { Embedder } from './likeness/embedder.ts';
export { createLocalEmbedder } from './likeness/local-embedder.ts';
export { createUpstreamEmbedder } from './likeness/upstream-embedder.ts';
export type { Recording } from './recording.ts';
export type { CacheMetrics, CacheServices } from './services.ts';
export { DEFAULT_CACHE_SETTINGS, type CacheSettings } from './settings.ts';
export type { Visit } from './visit.ts';
