import type { Call, RequestOptions, Transport } from '../transport.ts';
import { answering } from './answering.ts';
import type { Answering } from './answering.ts';
import { listing } from './listing.ts';
import type { Listing } from './listing.ts';

/** Builds a path. Whatever a value contains, it stays one segment. */
export function at(texts: TemplateStringsArray, ...segments: readonly string[]): string {
  return String.raw({ raw: texts }, ...segments.map(encodeURIComponent));
}

/** The kinds of calls that resources make. The type of an answer is what its caller says it is. */
export class Calls {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get<Body>(path: string, options: RequestOptions = {}, query?: object): Answering<Body> {
    return this.#send({ method: 'GET', path, query, options });
  }

  list<Item>(path: string, query: object, options: RequestOptions = {}): Listing<Item> {
    return listing((after) =>
      this.#transport.readJson({
        method: 'GET',
        path,
        query: after === undefined ? query : { ...query, after },
        options,
      }),
    );
  }

  text(path: string, query: object, options: RequestOptions = {}): Answering<string> {
    return answering(this.#transport.readText({ method: 'GET', path, query, options }));
  }

  bytes(path: string, options: RequestOptions = {}): Answering<Uint8Array> {
    return answering(this.#transport.readBytes({ method: 'GET', path, options }));
  }

  post<Body>(
    path: string,
    body: object | undefined,
    options: RequestOptions = {},
  ): Answering<Body> {
    return this.#send({ method: 'POST', path, body, options });
  }

  patch<Body>(path: string, body: object, options: RequestOptions = {}): Answering<Body> {
    return this.#send({ method: 'PATCH', path, body, options });
  }

  put<Body>(path: string, body: object, options: RequestOptions = {}): Answering<Body> {
    return this.#send({ method: 'PUT', path, body, options });
  }

  /** A call that is answered with nothing. */
  order(
    method: 'POST' | 'DELETE',
    path: string,
    options: RequestOptions = {},
    body?: object,
  ): Answering<void> {
    return answering(this.#transport.readNothing({ method, path, body, options }));
  }

  #send<Body>(call: Call): Answering<Body> {
    return answering(this.#transport.readJson<Body>(call));
  }
}
