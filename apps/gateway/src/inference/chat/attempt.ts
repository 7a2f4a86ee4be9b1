import type { Cancellation } from '../../platform/cancellation.ts';
import type {
  Exchange,
  ExchangeSink,
  ResponseHeaders,
  Transport,
  Upstream,
  UpstreamFailure,
  UpstreamRequest,
} from '../upstreams/index.ts';
import { isBrokenBeginning } from './stream-beginning.ts';

/** How one exchange with an upstream began or ended. */
export type Attempt =
  /** A whole answer, of whatever status. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: ResponseHeaders;
      readonly body: Buffer;
    }
  /** Status 200 of a stream and its first bytes, which nobody has seen yet: more is to come. */
  | {
      readonly kind: 'streaming';
      readonly status: number;
      readonly headers: ResponseHeaders;
      readonly stream: OpenStream;
    }
  | {
      readonly kind: 'failed';
      readonly failure: AttemptFailure;
      /** The upstream had begun to answer. */
      readonly hasHead: boolean;
    }
  | { readonly kind: 'aborted' };

export type AttemptFailure =
  | UpstreamFailure
  /** More than an answer can be, or a stream that begins with an error or with no event at all. */
  | { readonly kind: 'too-large' | 'no-stream' };

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

export interface AttemptOptions {
  readonly isStream: boolean;
  readonly cancellation: Cancellation;
  /** For the whole exchange. */
  readonly mostMs: number;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const OK = 200;

/**
 * Sends one request. Resolves when the first bytes of a stream are there, or else when the answer is complete; never
 * rejects. Until then nothing has reached the caller, so whatever went wrong can be tried again.
 */
export function attempt(
  transport: Transport,
  upstream: Upstream,
  request: UpstreamRequest,
  options: AttemptOptions,
): Promise<Attempt> {
  const { cancellation, isStream, mostMs } = options;
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
    const sink = new AttemptSink(isStream, settle, () => exchange);
    const exchange = transport.send(upstream, request, sink, mostMs);
    cancellation.add(onAbort);
  });
}

/** Collects a whole answer, or hands the bytes of a stream through. */
class AttemptSink implements ExchangeSink, OpenStream {
  readonly #isStream: boolean;
  readonly #settle: (attempt: Attempt) => void;
  readonly #exchange: () => Exchange;
  #status = 0;
  #headers: ResponseHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** The first bytes of a stream are there. */
  #isStreaming = false;
  #reader: StreamReader | undefined;
  /** What arrived between the first bytes and `read()`. */
  #ending: (() => void) | undefined;

  constructor(isStream: boolean, settle: (attempt: Attempt) => void, exchange: () => Exchange) {
    this.#isStream = isStream;
    this.#settle = settle;
    this.#exchange = exchange;
  }

  onHead(status: number, headers: ResponseHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onData(chunk: Buffer): boolean {
    if (this.#reader) return this.#reader.onData(chunk);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_ANSWER_BYTES) return this.#giveUp('too-large');
    if (!this.#isStream || this.#status !== OK || this.#isStreaming) return true;
    if (isBrokenBeginning(chunk)) return this.#giveUp('no-stream');
    this.#isStreaming = true;
    this.#settle({
      kind: 'streaming',
      status: this.#status,
      headers: this.#headers,
      stream: this,
    });
    return true;
  }

  onEnd(): void {
    if (this.#isStreaming) return this.#end((reader) => reader.onEnd());
    const body = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    this.#settle({
      kind: 'answered',
      status: this.#status,
      headers: this.#headers,
      body: body ?? Buffer.concat(this.#chunks),
    });
  }

  onFailure(failure: UpstreamFailure): void {
    if (this.#isStreaming) this.#end((reader) => reader.onFailure(failure));
    else this.#settle({ kind: 'failed', failure, hasHead: this.#status !== 0 });
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

  #giveUp(kind: 'too-large' | 'no-stream'): false {
    this.#exchange().abort();
    this.#settle({ kind: 'failed', failure: { kind }, hasHead: true });
    return false;
  }

  #end(say: (reader: StreamReader) => void): void {
    const reader = this.#reader;
    if (reader) say(reader);
    else this.#ending = () => this.#reader && say(this.#reader);
  }
}
