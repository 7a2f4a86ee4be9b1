import type { RequestOptions, Transport } from '../transport.ts';
import { answering } from './answering.ts';
import type { Answering } from './answering.ts';

/** A model that this key can use. */
export interface Model {
  id: string;
  object: 'model';
  /** Unix seconds. */
  created: number;
  owned_by: string;
  /** Absent when the server is not Sealgate. */
  nexevo?: {
    readonly tier?: string | null;
    readonly region?: string | null;
    /** Tokens. */
    readonly context_length?: number | null;
    /** USD per million tokens, as decimal text. */
    readonly pricing?: { readonly prompt: string; readonly completion: string } | null;
    readonly capabilities?: readonly string[];
    readonly data_collection?: string | null;
    /** `healthy`, `degraded` (it failed now and then lately) or `unavailable` (it is left alone for a while). */
    readonly health?: 'healthy' | 'degraded' | 'unavailable';
  };
}

/** All models at once; there are no pages. */
export interface ModelList {
  object: 'list';
  data: Model[];
}

/** `client.models`. */
export class Models {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Lists the models that this key can use.
   *
   * @throws {APIError} the server refused
   * @throws {APIConnectionError} no answer came
   */
  list(options: RequestOptions = {}): Answering<ModelList> {
    return answering(this.#transport.readJson({ method: 'GET', path: '/models', options }));
  }

  /**
   * Looks one model up. Slashes and colons of its id are fine.
   *
   * @throws {APIError} with status 404 when there is no such model
   * @throws {APIConnectionError} no answer came
   */
  retrieve(id: string, options: RequestOptions = {}): Answering<Model> {
    const path = `/models/${encodeURIComponent(id)}`;
    return answering(this.#transport.readJson({ method: 'GET', path, options }));
  }
}
