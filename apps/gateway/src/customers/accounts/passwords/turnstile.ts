import { Refusal } from '../../../platform/refusal.ts';

/** Lets so many in at once, so many wait, and refuses the rest with 503. */
export function createTurnstile({
  concurrency,
  maxWaiting,
}: {
  readonly concurrency: number;
  readonly maxWaiting: number;
}): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  const enter = async (): Promise<void> => {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.length >= maxWaiting) {
      throw new Refusal('service_unavailable', { retryAfterSeconds: 2 });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place passes on to who has waited longest.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
