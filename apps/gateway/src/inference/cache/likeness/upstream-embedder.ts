import type { Clock } from '../../../platform/clock.ts';
import {
  withKey,
  type Catalogue,
  type ExchangeSink,
  type Model,
  type Provider,
  type ProviderKind,
  type Transport,
} from '../../upstreams/index.ts';
import type { Embedder } from './embedder.ts';
import { quantize } from './vector.ts';

export interface UpstreamEmbedderParts {
  /** As `upstream/model`. */
  readonly modelId: string;
  readonly catalogue: () => Catalogue;
  readonly transport: Transport;
  readonly providers: Readonly<Record<ProviderKind, Provider>>;
  readonly clock: Clock;
}

const PATIENCE_MS = 5_000;
/** A host that has just failed would only make callers wait. */
const REST_MS = 10_000;
const MAX_ANSWER_BYTES = 1_024 * 1_024;
const OK = 200;

/** Vectors by one of the models in the catalogue. What they cost there, the operator pays. */
export function createUpstreamEmbedder(parts: UpstreamEmbedderParts): Embedder {
  let restsUntilMs = 0;
  return {
    name: parts.modelId,
    embed: async (text, mayGoTo) => {
      const model = parts.catalogue().models.get(parts.modelId);
      const isResting = parts.clock() < restsUntilMs;
      if (model === undefined || isResting || !mayGoTo(model.upstream)) return undefined;
      const body = await ask(parts, model, text);
      const vector = body && readVector(body);
      if (vector === undefined) restsUntilMs = parts.clock() + REST_MS;
      return vector;
    },
    close: () => Promise.resolve(),
  };
}

function ask(
  { transport, providers }: UpstreamEmbedderParts,
  model: Model,
  text: string,
): Promise<Buffer | undefined> {
  const provider = providers[model.upstream.kind];
  const body = { model: model.upstreamModel, input: text };
  const prepared = provider.embeddings?.({ bodyText: JSON.stringify(body), body, model });
  if (prepared === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const [key] = model.upstream.keys ?? [];
    const chunks: Buffer[] = [];
    let status = 0;
    let bytes = 0;
    const sink: ExchangeSink = {
      onHead: (received) => {
        status = received;
      },
      onData: (chunk) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes <= MAX_ANSWER_BYTES) return true;
        exchange.abort();
        resolve(undefined);
        return false;
      },
      onEnd: () => resolve(status === OK ? Buffer.concat(chunks) : undefined),
      onFailure: () => resolve(undefined),
    };
    const exchange = transport.send(
      model.upstream,
      withKey(prepared, provider, key),
      sink,
      PATIENCE_MS,
    );
  });
}

/** OpenAI's list with one vector of finite numbers. */
function readVector(body: Buffer): Int8Array | undefined {
  try {
    const answer = JSON.parse(body.toString('utf8')) as { data: [{ embedding: number[] }] };
    const vector = Float32Array.from(answer.data[0].embedding);
    const isVector = vector.length > 0 && vector.every(Number.isFinite);
    return isVector ? quantize(vector) : undefined;
  } catch {
    return undefined;
  }
}
