import { Worker } from 'node:worker_threads';

/** A worker whose file lies beside the caller's. `name` is without its ending: from source it is `.ts`, else `.js`. */
export function startWorker(name: string, callerUrl: string): Worker {
  if (!callerUrl.endsWith('.ts')) return new Worker(new URL(`${name}.js`, callerUrl));
  // Threads of Node 20 do not take `--import`.
  const { href } = new URL(`${name}.ts`, callerUrl);
  const load = `import('tsx/esm/api').then(({ register }) => register()).then(() => import('${href}'))`;
  return new Worker(load, { eval: true });
}

type Settle<Answer> = (id: number, answer: Answer | undefined) => void;

export interface AskedThreadOptions<Message, Answer> {
  readonly start: () => Worker;
  /** Most questions that wait at once. */
  readonly mostWaiting: number;
  readonly patienceMs: number;
  /** Settles the question that the message is about. */
  readonly onMessage: (message: Message, settle: Settle<Answer>) => void;
}

/** A thread that answers questions, so that the event loop need not. It starts with the first one, and again after a crash. */
export class AskedThread<Message, Answer> {
  readonly #options: AskedThreadOptions<Message, Answer>;
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(options: AskedThreadOptions<Message, Answer>) {
    this.#options = options;
  }

  /** The thread is sent the question with an `id`. Resolves with `undefined` when too many wait, when it takes too long, and when the thread ends. Never rejects. */
  ask(question: object): Promise<Answer | undefined> {
    const { mostWaiting, patienceMs } = this.#options;
    if (this.#waiting.size >= mostWaiting) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const id = (this.#lastId += 1);
      const timer = setTimeout(() => this.#settle(id, undefined), patienceMs);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#thread().postMessage({ ...question, id }, []);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#giveUp();
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { start, onMessage } = this.#options;
    const worker = start();
    worker.unref();
    worker.on('message', (message: Message) =>
      onMessage(message, (id, answer) => this.#settle(id, answer)),
    );
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#giveUp();
    });
    this.#worker = worker;
    return worker;
  }

  #settle(id: number, answer: Answer | undefined): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(answer);
  }

  #giveUp(): void {
    for (const id of this.#waiting.keys()) this.#settle(id, undefined);
  }
}
