import type { RequestOptions, Transport } from '../transport.ts';
import { answering } from './answering.ts';
import type { Answering } from './answering.ts';

/** The body of an embedding request, in OpenAI's spelling. */
export interface EmbeddingCreateParams {
  readonly model: string;
  /** Texts, or tokens. */
  readonly input: string | readonly string[] | readonly number[] | readonly (readonly number[])[];
  readonly dimensions?: number | undefined;
  /** Sent as it is; the server's own default is `float`. */
  readonly encoding_format?: 'float' | 'base64' | undefined;
  readonly user?: string | undefined;
  /** For a key with a cache: leave it out, or renew the kept answer. */
  readonly cache?: 'off' | 'on' | 'exact' | 'refresh' | undefined;
}

/** One vector per input, in the order of the input. */
export interface EmbeddingList {
  object: 'list';
  model: string;
  data: {
    object: 'embedding';
    index: number;
    /** Base64 text of little-endian floats if `encoding_format` asked for it. */
    embedding: number[] | string;
  }[];
  usage: { prompt_tokens: number; total_tokens: number };
}

/** `client.embeddings`. */
export class Embeddings {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Turns texts into vectors.
   *
   * @throws {APIError} the server refused
   * @throws {APIConnectionError} no answer came
   */
  create(body: EmbeddingCreateParams, options: RequestOptions = {}): Answering<EmbeddingList> {
    return answering(
      this.#transport.readJson({ method: 'POST', path: '/embeddings', body, options }),
    );
  }
}
