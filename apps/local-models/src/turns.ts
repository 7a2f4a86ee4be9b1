import { Problem } from './problem.ts';

/** First come, first served, one at a time; a caller who leaves gives up the place. */
export interface Turns {
  /** Resolves with the function that ends the turn. Rejects when too many wait or when `signal` aborts. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createTurns(maxWaiting: number): Turns {
  const waiting = new Set<() => void>();
  let isTaken = false;

  function end(): void {
    const [next] = waiting;
    if (next) next();
    else isTaken = false;
  }

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (!isTaken) {
        isTaken = true;
        return end;
      }
      if (waiting.size >= maxWaiting) throw new Problem('overloaded');
      await new Promise<void>((resolve, reject) => {
        const start = (): void => {
          waiting.delete(start);
          signal.removeEventListener('abort', leave);
          resolve();
        };
        const leave = (): void => {
          waiting.delete(start);
          reject(signal.reason as Error);
        };
        waiting.add(start);
        signal.addEventListener('abort', leave, { once: true });
      });
      return end;
    },
  };
}
