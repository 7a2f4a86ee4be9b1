import { Worker } from 'node:worker_threads';
import type { CountResult, CountTask } from './count-worker.ts';

/** Counts tokens where an upstream tells nothing, on a thread of its own: the event loop never waits for it. */
export interface TokenCounter {
  /** Resolves with `undefined` when it cannot be counted: too long a text, too many waiting, or no time. Never rejects. */
  count(kind: CountTask['kind'], text: string): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface TokenCounterLimits {
  readonly textCharacters: number;
  readonly waitingTexts: number;
  readonly patienceMs: number;
}

const LIMITS: TokenCounterLimits = {
  textCharacters: 4_000_000,
  waitingTexts: 256,
  patienceMs: 5_000,
};

const RUNS_FROM_SOURCE = import.meta.url.endsWith('.ts');

function startWorker(): Worker {
  if (!RUNS_FROM_SOURCE) return new Worker(new URL('./count-worker.js', import.meta.url));
  // Threads of Node 20 do not take `--import`.
  const { href } = new URL('./count-worker.ts', import.meta.url);
  const load = `import('tsx/esm/api').then(({ register }) => register()).then(() => import('${href}'))`;
  return new Worker(load, { eval: true });
}

/** The thread starts with the first text and again after a crash. */
export function createTokenCounter(limits: TokenCounterLimits = LIMITS): TokenCounter {
  return new ThreadCounter(limits);
}

type Settle = (tokens: number | undefined) => void;

class ThreadCounter implements TokenCounter {
  readonly #limits: TokenCounterLimits;
  readonly #waiting = new Map<number, Settle>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(limits: TokenCounterLimits) {
    this.#limits = limits;
  }

  count(kind: CountTask['kind'], text: string): Promise<number | undefined> {
    const { textCharacters, waitingTexts, patienceMs } = this.#limits;
    if (text === '') return Promise.resolve(0);
    if (text.length > textCharacters || this.#waiting.size >= waitingTexts) {
      return Promise.resolve(undefined);
    }
    return new Promise((resolve) => {
      const id = (this.#lastId += 1);
      const timer = setTimeout(() => this.#settle({ id, tokens: undefined }), patienceMs);
      this.#waiting.set(id, (tokens) => {
        clearTimeout(timer);
        resolve(tokens);
      });
      this.#thread().postMessage({ id, kind, text } satisfies CountTask);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#giveUp();
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = startWorker();
    worker.unref();
    worker.on('message', (result: CountResult) => this.#settle(result));
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#giveUp();
    });
    this.#worker = worker;
    return worker;
  }

  #settle({ id, tokens }: CountResult): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(tokens);
  }

  #giveUp(): void {
    for (const id of this.#waiting.keys()) this.#settle({ id, tokens: undefined });
  }
}
