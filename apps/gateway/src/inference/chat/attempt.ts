import type { Cancellation } from '../../platform/cancellation.ts';
import type {
  Exchange,
  ExchangeSink,
  Transport,
  Upstream,
  UpstreamFailure,
  UpstreamRequest,
} from '../upstreams/index.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** How one exchange with an upstream began or ended. */
export type Attempt =
  /** A whole answer, of whatever status. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Headers;
      readonly body: Buffer;
    }
  /** Status 200 of a stream: the bytes are to come. */
  | { readonly kind: 'streaming'; readonly stream: OpenStream }
  | { readonly kind: 'failed'; readonly failure: UpstreamFailure | { readonly kind: 'too-large' } }
  | { readonly kind: 'aborted' };

export interface StreamReader {
  /** `false` asks for a pause until `resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  onFailure(failure: UpstreamFailure): void;
}

export interface OpenStream {
  /** Hands over what has arrived so far and everything after it. To be called once. */
  read(reader: StreamReader): void;
  resume(): void;
  abort(): void;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const OK = 200;

/** Sends one request. Resolves when a stream's head is there, or else when the answer is complete; never rejects. */
export function attempt(
  transport: Transport,
  upstream: Upstream,
  request: UpstreamRequest,
  options: { readonly isStream: boolean; readonly cancellation: Cancellation },
): Promise<Attempt> {
  const { cancellation } = options;
  if (cancellation.isCancelled) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    const onAbort = (): void => {
      exchange.abort();
      settle({ kind: 'aborted' });
    };
    const settle = (outcome: Attempt): void => {
      cancellation.remove(onAbort);
      resolve(outcome);
    };
    const sink = new AttemptSink(options.isStream, settle, () => exchange);
    const exchange = transport.send(upstream, request, sink);
    cancellation.add(onAbort);
  });
}

/** Collects a whole answer, or hands the bytes of a stream through. */
class AttemptSink implements ExchangeSink, OpenStream {
  readonly #isStream: boolean;
  readonly #settle: (attempt: Attempt) => void;
  readonly #exchange: () => Exchange;
  #status = 0;
  #headers: Headers = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  #reader: StreamReader | undefined;
  /** What arrived between the head and `read()`. */
  #ending: (() => void) | undefined;

  constructor(isStream: boolean, settle: (attempt: Attempt) => void, exchange: () => Exchange) {
    this.#isStream = isStream;
    this.#settle = settle;
    this.#exchange = exchange;
  }

  get #isStreaming(): boolean {
    return this.#isStream && this.#status === OK;
  }

  onHead(status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
    if (this.#isStreaming) this.#settle({ kind: 'streaming', stream: this });
  }

  onData(chunk: Buffer): boolean {
    if (this.#reader) return this.#reader.onData(chunk);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_ANSWER_BYTES) return true;
    this.#exchange().abort();
    this.#settle({ kind: 'failed', failure: { kind: 'too-large' } });
    return false;
  }

  onEnd(): void {
    if (!this.#isStreaming) {
      const body = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
      this.#settle({
        kind: 'answered',
        status: this.#status,
        headers: this.#headers,
        body: body ?? Buffer.concat(this.#chunks),
      });
      return;
    }
    this.#end((reader) => reader.onEnd());
  }

  onFailure(failure: UpstreamFailure): void {
    if (!this.#isStreaming) this.#settle({ kind: 'failed', failure });
    else this.#end((reader) => reader.onFailure(failure));
  }

  read(reader: StreamReader): void {
    this.#reader = reader;
    const early = this.#chunks;
    this.#chunks = [];
    for (const chunk of early) reader.onData(chunk);
    this.#ending?.();
  }

  resume(): void {
    this.#exchange().resume();
  }

  abort(): void {
    this.#exchange().abort();
  }

  #end(say: (reader: StreamReader) => void): void {
    const reader = this.#reader;
    if (reader) say(reader);
    else this.#ending = () => this.#reader && say(this.#reader);
  }
}
