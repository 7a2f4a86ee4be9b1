import { Attempt } from './attempt.ts';
import { APIError, errorOfResponse, isObject } from './errors.ts';
import { withRetries } from './retry.ts';
import type { Runtime } from './runtime.ts';

/** Settings of one call; each overrides the client's own. */
export interface RequestOptions {
  /** Ends the call, also while it waits for a retry. */
  readonly signal?: AbortSignal | null | undefined;
  /** Milliseconds for one attempt: until the answer is there, or until a stream begins. */
  readonly timeout?: number | undefined;
  /** Attempts after the first. */
  readonly maxRetries?: number | undefined;
  /** Added to the client's headers; `null` removes one. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** One value for all attempts, so that the server can tell a retry from a second wish. Default: random. */
  readonly idempotencyKey?: string | undefined;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the base URL, with its leading slash. */
  readonly path: string;
  /** What is undefined or null is left out. */
  readonly query?: object | undefined;
  readonly body?: object | undefined;
  readonly options: RequestOptions;
}

export interface TransportSettings {
  readonly baseURL: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly runtime: Runtime;
}

/** An answer that has begun: its headers are there, its body is not yet read. */
export interface OpenAnswer {
  readonly response: Response;
  readonly attempt: Attempt;
}

const FIRST_DELAY_MS = 500;

/** Sends calls: a `fetch` with headers, a time limit, retries and error classes. */
export class Transport {
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /** Sends a call and reads the whole JSON answer. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names the wire type, once
  async readJson<Body>(call: Call): Promise<{ data: Body; response: Response }> {
    const answer = await this.#read(call, (response) =>
      response.json().catch(rethrowUnlessNotJson(response)),
    );
    if (!isObject(answer.data)) throw notJson(answer.response);
    return { ...answer, data: answer.data as Body };
  }

  /** Sends a call and reads the whole answer, which is a text, e.g. a file. */
  readText(call: Call): Promise<{ data: string; response: Response }> {
    return this.#read(call, (response) => response.text());
  }

  /** Sends a call and reads the whole answer, which is a file. */
  readBytes(call: Call): Promise<{ data: Uint8Array; response: Response }> {
    return this.#read(call, async (response) => new Uint8Array(await response.arrayBuffer()));
  }

  /** Sends a call whose answer has no body. */
  async readNothing(call: Call): Promise<{ data: undefined; response: Response }> {
    const { response } = await this.readText(call);
    return { data: undefined, response };
  }

  /** Sends a call and returns as soon as the server accepts it. The clock still runs. */
  async open(call: Call): Promise<OpenAnswer> {
    const { runtime, ...settings } = this.#settings;
    const signal = call.options.signal ?? undefined;
    const init = { method: call.method, ...bodyOf(call), headers: this.#headersOf(call) };
    const policy = {
      maxRetries: call.options.maxRetries ?? settings.maxRetries,
      firstDelayMs: FIRST_DELAY_MS,
      isRetried: (error: { isSafeToRetry: boolean }) => error.isSafeToRetry,
      runtime,
      signal,
    };
    return withRetries(policy, () => {
      const attempt = new Attempt(call.options.timeout ?? settings.timeoutMs, signal);
      return attempt.run(async () => {
        const url = settings.baseURL + call.path + queryOf(call);
        const response = await runtime.fetch(url, { ...init, signal: attempt.signal });
        if (!response.ok) throw await errorOfResponse(response);
        return { response, attempt };
      });
    });
  }

  async #read<Data>(
    call: Call,
    read: (response: Response) => Promise<Data>,
  ): Promise<{ data: Data; response: Response }> {
    const { response, attempt } = await this.open(call);
    const data = await attempt.run(() => read(response));
    attempt.stopClock();
    return { data, response };
  }

  #headersOf(call: Call): Headers {
    const headers = new Headers({ accept: 'application/json', ...this.#settings.headers });
    if (call.body !== undefined) headers.set('content-type', 'application/json');
    if (call.method === 'POST') {
      headers.set('idempotency-key', call.options.idempotencyKey ?? newIdempotencyKey());
    }
    for (const [name, value] of Object.entries(call.options.headers ?? {})) {
      if (value === null) headers.delete(name);
      else headers.set(name, value);
    }
    return headers;
  }
}

/** 32 hexadecimal digits. Not `randomUUID`, which pages without TLS do not have. */
export function newIdempotencyKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bodyOf(call: Call): { body?: string } {
  return call.body === undefined ? {} : { body: JSON.stringify(call.body) };
}

function queryOf({ query = {} }: Call): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  if (set.length === 0) return '';
  return `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`;
}

/** A body that breaks off is a matter of the connection; one that is no JSON is the server's. */
function rethrowUnlessNotJson(response: Response): (error: unknown) => never {
  return (error) => {
    throw error instanceof SyntaxError ? notJson(response) : error;
  };
}

function notJson(response: Response): APIError {
  return new APIError('The server answered with something that is not a JSON object.', {
    statusCode: response.status,
    headers: response.headers,
  });
}
