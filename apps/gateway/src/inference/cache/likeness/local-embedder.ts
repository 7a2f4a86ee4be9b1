import { Worker } from 'node:worker_threads';
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
const RUNS_FROM_SOURCE = import.meta.url.endsWith('.ts');

function startWorker(): Worker {
  if (!RUNS_FROM_SOURCE) return new Worker(new URL('./embed-worker.js', import.meta.url));
  // Threads of Node 20 do not take `--import`.
  const { href } = new URL('./embed-worker.ts', import.meta.url);
  const load = `import('tsx/esm/api').then(({ register }) => register()).then(() => import('${href}'))`;
  return new Worker(load, { eval: true });
}

/** A small model on a thread of its own, which starts with the first text. */
export function createLocalEmbedder(options: LocalEmbedderOptions): Embedder {
  return new LocalEmbedder(options);
}

class LocalEmbedder implements Embedder {
  readonly name = 'energetic-ai/en-0.2.0';
  readonly #options: LocalEmbedderOptions;
  readonly #limits: typeof LIMITS;
  readonly #waiting = new Map<number, (vector: Int8Array | undefined) => void>();
  #worker: Worker | undefined;
  #isUnable = false;
  #lastId = 0;

  constructor(options: LocalEmbedderOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LIMITS;
  }

  embed(text: string): Promise<Int8Array | undefined> {
    const isBusy = this.#waiting.size >= this.#limits.waitingTexts;
    if (this.#isUnable || isBusy || !READABLE.test(text)) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const id = (this.#lastId += 1);
      const timer = setTimeout(() => this.#settle(id, undefined), this.#limits.patienceMs);
      this.#waiting.set(id, (vector) => {
        clearTimeout(timer);
        resolve(vector);
      });
      this.#thread().postMessage({ id, text } satisfies EmbedTask);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#giveUp();
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = (this.#options.start ?? startWorker)();
    worker.unref();
    worker.on('message', (message: EmbedReport) => this.#hear(message));
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#giveUp();
    });
    this.#worker = worker;
    return worker;
  }

  #hear(message: EmbedReport): void {
    if (message.kind === 'vector') {
      return this.#settle(message.id, message.vector && quantize(message.vector));
    }
    this.#isUnable = true;
    this.#options.onUnable(message.reason);
    void this.close();
  }

  #settle(id: number, vector: Int8Array | undefined): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(vector);
  }

  #giveUp(): void {
    for (const id of this.#waiting.keys()) this.#settle(id, undefined);
  }
}
