import { APIConnectionError, APITimeoutError, SealgateError } from './errors.ts';
import { throwIfAborted } from './retry.ts';

/** One attempt of a call: its signal, and the meaning of its failures. */
export class Attempt {
  /** Ends the attempt from inside, e.g. when the reader of a stream leaves. */
  readonly controller: AbortController = new AbortController();
  /** For `fetch`: the controller, the time limit and the caller's own signal together. */
  readonly signal: AbortSignal;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #timeoutMs: number;
  readonly #timer: ReturnType<typeof setTimeout>;
  #isTimedOut = false;

  constructor(timeoutMs: number, callerSignal: AbortSignal | undefined) {
    throwIfAborted(callerSignal);
    this.#timeoutMs = timeoutMs;
    this.#callerSignal = callerSignal;
    this.signal = callerSignal
      ? AbortSignal.any([this.controller.signal, callerSignal])
      : this.controller.signal;
    this.#timer = setTimeout(() => {
      this.#isTimedOut = true;
      this.controller.abort();
    }, timeoutMs);
  }

  /** The answer is in time; its stream may take as long as it takes. */
  stopClock(): void {
    clearTimeout(this.#timer);
  }

  /** Runs a step of the attempt; whatever `fetch` or a body throws becomes one of our classes. */
  async run<Value>(step: () => Promise<Value>): Promise<Value> {
    try {
      return await step();
    } catch (cause) {
      this.stopClock();
      if (cause instanceof SealgateError) throw cause;
      throwIfAborted(this.#callerSignal);
      if (this.#isTimedOut) {
        throw new APITimeoutError(`No answer within ${this.#timeoutMs} ms.`, { cause });
      }
      throw new APIConnectionError(`The connection failed: ${reasonOf(cause)}`, { cause });
    }
  }
}

/** Node's `fetch` says "fetch failed" and hides the reason one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  return error.cause instanceof Error && error.cause.message !== ''
    ? error.cause.message
    : error.message;
}
