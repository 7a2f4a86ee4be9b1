import { APIError, TruncatedStreamError, errorOfBody, parseObject } from './errors.ts';
import { ServerSentEventDecoder } from './server-sent-events.ts';
import type { ServerSentEvent } from './server-sent-events.ts';
import type { OpenAnswer } from './transport.ts';

const END = '[DONE]';

/**
 * A streamed answer, to be read once with `for await`. Leaving the loop early closes the
 * connection, which stops the generation.
 */
export class Stream<Chunk> implements AsyncIterable<Chunk> {
  /** `controller.abort()` closes the connection; the loop then ends without an error. */
  readonly controller: AbortController;
  /** The answer's status and headers. */
  readonly response: Response;
  readonly #answer: OpenAnswer;
  #isRead = false;

  /** Made by the client; the answer's body must be an OpenAI-style event stream. */
  constructor(answer: OpenAnswer) {
    this.#answer = answer;
    this.controller = answer.attempt.controller;
    this.response = answer.response;
  }

  /**
   * Yields the chunks.
   *
   * @throws {APIError} the server reported an error inside the stream
   * @throws {TruncatedStreamError} the connection ended before `[DONE]`
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, undefined> {
    if (this.#isRead) throw new TypeError('A stream can be read only once.');
    this.#isRead = true;
    let isEnded = false;
    try {
      for await (const { data, event } of this.#events()) {
        if (data === END) isEnded = true;
        // Read on after the end, so that the connection can be used again.
        else if (!isEnded) yield this.#parse(data, event);
      }
      if (!isEnded) throw new TruncatedStreamError('The stream ended without its end mark.');
    } catch (error) {
      if (!this.#answer.attempt.signal.aborted && !isEnded) throw error;
    } finally {
      if (!isEnded) this.controller.abort();
    }
  }

  async *#events(): AsyncGenerator<ServerSentEvent, void, undefined> {
    const text = new TextDecoder();
    const events = new ServerSentEventDecoder();
    for await (const bytes of readBody(this.response)) {
      yield* events.push(text.decode(bytes, { stream: true }));
    }
    // Some servers leave out the blank line after the end mark.
    yield* events.push('\n\n').filter(({ data }) => data === END);
  }

  #parse(data: string, event: string): Chunk {
    const chunk = parseObject(data);
    if (!chunk) {
      throw new APIError('The server sent an event that is not a JSON object.', {
        headers: this.response.headers,
      });
    }
    if (event === 'error' || (chunk['error'] ?? null) !== null) {
      throw errorOfBody(chunk, this.response);
    }
    return chunk as Chunk;
  }
}

/** Like iterating the body itself, which Safari cannot. */
async function* readBody({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  if (!body) return;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(truncated);
    if (done) return;
    yield value;
  }
}

function truncated(cause: unknown): never {
  throw new TruncatedStreamError('The connection broke before the end of the stream.', { cause });
}
