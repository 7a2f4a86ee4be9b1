import { AskedThread, startWorker } from '../../platform/asked-thread.ts';
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

/** The thread starts with the first text and again after a crash. */
export function createTokenCounter(limits: TokenCounterLimits = LIMITS): TokenCounter {
  const { textCharacters, waitingTexts, patienceMs } = limits;
  const thread = new AskedThread<CountResult, number>({
    start: () => startWorker('./count-worker', import.meta.url),
    mostWaiting: waitingTexts,
    patienceMs,
    onMessage: ({ id, tokens }, settle) => settle(id, tokens),
  });
  return {
    count: async (kind, text) => {
      if (text === '') return 0;
      if (text.length > textCharacters) return undefined;
      return thread.ask({ kind, text } satisfies Omit<CountTask, 'id'>);
    },
    close: () => thread.close(),
  };
}
