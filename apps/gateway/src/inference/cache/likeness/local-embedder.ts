import type { Worker } from 'node:worker_threads';
import { AskedThread, startWorker } from '../../../platform/asked-thread.ts';
import type { EmbedReport, EmbedTask } from './embed-worker.ts';
import type { Embedder } from './embedder.ts';
import { quantize } from './vector.ts';

/** The model knows English: all letters of other scripts look the same to it, and so would all texts made of them. */
const READABLE = /^[\x20-\x7e\s‘’“”–—…]*$/u;

export interface LocalEmbedderOptions {
  /** The packages are not there: said once. */
  readonly onUnable: (reason: string) => void;
  readonly limits?: { readonly waitingTexts: number; readonly patienceMs: number };
  readonly start?: () => Worker;
}

/** Most texts wait behind the requests' backs; the first ones for the thread too. */
const LIMITS = { waitingTexts: 64, patienceMs: 10_000 };

/** A small model on a thread of its own, which starts with the first text. */
export function createLocalEmbedder(options: LocalEmbedderOptions): Embedder {
  const { onUnable, limits = LIMITS, start = startEmbedding } = options;
  let isUnable = false;
  const thread = new AskedThread<EmbedReport, Int8Array>({
    start,
    mostWaiting: limits.waitingTexts,
    patienceMs: limits.patienceMs,
    onMessage: (message, settle) => {
      if (message.kind === 'vector') {
        return settle(message.id, message.vector && quantize(message.vector));
      }
      isUnable = true;
      onUnable(message.reason);
      void thread.close();
    },
  });
  return {
    name: 'energetic-ai/en-0.2.0',
    embed: async (text) => {
      if (isUnable || !READABLE.test(text)) return undefined;
      return thread.ask({ text } satisfies Omit<EmbedTask, 'id'>);
    },
    close: () => thread.close(),
  };
}

const startEmbedding = (): Worker => startWorker('./embed-worker', import.meta.url);
