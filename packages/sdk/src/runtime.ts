/**
 * What a client takes from its surroundings. The default is the real world; tests pass their own.
 */
export interface Runtime {
  readonly fetch: typeof globalThis.fetch;
  /** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
  readonly delay: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Spreads retries; never used for secrets. From 0 inclusive to 1 exclusive. */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls `task` every `ms` milliseconds without keeping the process alive; returns how to stop. */
  readonly every: (ms: number, task: () => void) => () => void;
}

export const systemRuntime: Runtime = {
  fetch: (input, init) => globalThis.fetch(input, init),
  delay,
  random: Math.random,
  now: Date.now,
  every,
};

function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish);
    if (signal?.aborted) finish();
  });
}

function every(ms: number, task: () => void): () => void {
  const timer: unknown = setInterval(task, ms);
  // Node's timers are objects that keep the process alive until told otherwise; a browser's are numbers.
  if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.();
  return () => clearInterval(timer as ReturnType<typeof setInterval>);
}
