import { Stream } from '../stream.ts';
import type { RequestOptions, Transport } from '../transport.ts';
import { answering } from './answering.ts';
import type { Answering } from './answering.ts';
import type { ChatCompletion, ChatCompletionChunk } from './chat-answer.ts';
import type {
  ChatCompletionCreateParams,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
} from './chat-request.ts';

/** `client.chat`. */
export class Chat {
  readonly completions: ChatCompletions;

  constructor(transport: Transport) {
    this.completions = new ChatCompletions(transport);
  }
}

/** `client.chat.completions`. */
export class ChatCompletions {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Asks a model. With `stream: true` the answer comes as chunks to read with `for await`.
   *
   * @throws {APIError} the server refused; the class tells the status
   * @throws {APIConnectionError} no answer came, also after the retries
   * @throws {RequestAbortedError} `options.signal` ended the call
   */
  create(
    body: ChatCompletionCreateParamsNonStreaming,
    options?: RequestOptions,
  ): Answering<ChatCompletion>;
  create(
    body: ChatCompletionCreateParamsStreaming,
    options?: RequestOptions,
  ): Answering<Stream<ChatCompletionChunk>>;
  create(
    body: ChatCompletionCreateParams,
    options?: RequestOptions,
  ): Answering<ChatCompletion | Stream<ChatCompletionChunk>>;
  create(
    body: ChatCompletionCreateParams,
    options: RequestOptions = {},
  ): Answering<ChatCompletion | Stream<ChatCompletionChunk>> {
    const call = { method: 'POST', path: '/chat/completions', body, options } as const;
    if (!body.stream) return answering(this.#transport.readJson<ChatCompletion>(call));
    return answering(
      this.#transport.open(call).then((answer) => {
        answer.attempt.stopClock();
        return { data: new Stream<ChatCompletionChunk>(answer), response: answer.response };
      }),
    );
  }
}
