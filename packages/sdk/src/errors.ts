import { isRetryUseful } from './retry-timing.ts';

/*
 * SealgateError                      everything that this package throws on purpose
 * ├── APIError                       the server answered, and the answer is "no"
 * │   ├── InvalidRequestError        400
 * │   ├── AuthenticationError        401
 * │   ├── ForbiddenError             403
 * │   ├── NotFoundError              404
 * │   ├── ConflictError              409
 * │   ├── RateLimitError             429
 * │   ├── ServerError                500
 * │   └── ServiceUnavailableError    503
 * ├── APIConnectionError             no answer, or half of one
 * │   ├── APITimeoutError            none in time
 * │   └── TruncatedStreamError       a stream without its end
 * ├── RequestAbortedError            the caller's own signal
 * └── SecurityError                  sealed chat: a rule or a check failed; nothing secret was sent
 *
 * Wrong arguments are a TypeError or a RangeError: they are for the programmer, not for a handler.
 */

/** Base class of every error of this package. */
export class SealgateError extends Error {
  override readonly name: string = 'SealgateError';

  /**
   * Whether the same call may be sent again: the cause is transient, and the idempotency key that
   * every attempt of a call carries lets the server bill it once.
   */
  get isSafeToRetry(): boolean {
    return false;
  }
}

/** What is known about an answer that refuses. */
export interface APIErrorFacts {
  /** HTTP status; undefined for an error that arrived inside a stream. */
  readonly statusCode?: number | undefined;
  readonly headers?: Headers | undefined;
  /** The JSON body as it came; undefined when it was not a JSON object. */
  readonly errorDetails?: Readonly<Record<string, unknown>> | undefined;
}

/** The server refused. Subclasses exist for the statuses that programs tell apart. */
export class APIError extends SealgateError {
  override readonly name: string = 'APIError';
  /** HTTP status; undefined for an error that arrived inside a stream. */
  readonly statusCode: number | undefined;
  /** The JSON body as it came; undefined when it was not a JSON object. */
  readonly errorDetails: Readonly<Record<string, unknown>> | undefined;
  /** The headers of the answer. */
  readonly headers: Headers;

  constructor(message: string, facts: APIErrorFacts = {}) {
    super(message);
    this.statusCode = facts.statusCode;
    this.errorDetails = facts.errorDetails;
    this.headers = facts.headers ?? new Headers();
  }

  /** The same as {@link statusCode}, under the name that the `openai` package uses. */
  get status(): number | undefined {
    return this.statusCode;
  }

  /** Machine-readable reason, e.g. `rate_limit_exceeded`. */
  get code(): string | undefined {
    return this.#field('code');
  }

  /** Broad kind, e.g. `invalid_request_error`. */
  get type(): string | undefined {
    return this.#field('type');
  }

  /** The request field at fault. */
  get param(): string | undefined {
    return this.#field('param');
  }

  /** What to tell the operator: the trace id of the answer. */
  get requestId(): string | undefined {
    return this.headers.get('x-request-id') ?? this.headers.get('x-trace-id') ?? undefined;
  }

  override get isSafeToRetry(): boolean {
    return this.statusCode !== undefined && isRetryUseful(this.statusCode, this.headers);
  }

  #field(name: string): string | undefined {
    const value = errorObjectOf(this.errorDetails)?.[name];
    return typeof value === 'string' ? value : undefined;
  }
}

/** 400: the request is malformed, or names a parameter that the model does not take. */
export class InvalidRequestError extends APIError {
  override readonly name = 'InvalidRequestError';
}

/** 401: the API key is missing, wrong, revoked or expired. */
export class AuthenticationError extends APIError {
  override readonly name = 'AuthenticationError';
}

/** 403: this key may not do this, e.g. use the model on the requested security tier. */
export class ForbiddenError extends APIError {
  override readonly name = 'ForbiddenError';
}

/** 404: there is no such thing, or it is somebody else's. */
export class NotFoundError extends APIError {
  override readonly name = 'NotFoundError';
}

/** 409: the call does not fit the current state, e.g. it would leave an organization without an owner. */
export class ConflictError extends APIError {
  override readonly name = 'ConflictError';
}

/** 429: too many requests, or a spend cap is reached; `code` tells which. */
export class RateLimitError extends APIError {
  override readonly name = 'RateLimitError';
}

/** 500: something failed on the server's side. */
export class ServerError extends APIError {
  override readonly name = 'ServerError';
}

/** 503: no backend is available, or the key is cooling down. */
export class ServiceUnavailableError extends APIError {
  override readonly name = 'ServiceUnavailableError';
}

/** No answer came: name resolution, connection, TLS, or a connection that broke. `cause` has the reason. */
export class APIConnectionError extends SealgateError {
  override readonly name: string = 'APIConnectionError';

  override get isSafeToRetry(): boolean {
    return true;
  }
}

/** No answer came within the time limit of one attempt. */
export class APITimeoutError extends APIConnectionError {
  override readonly name = 'APITimeoutError';
}

/** The connection ended before the stream did. What came before is genuine but incomplete, and may be billed. */
export class TruncatedStreamError extends APIConnectionError {
  override readonly name = 'TruncatedStreamError';

  override get isSafeToRetry(): boolean {
    return false;
  }
}

/** The caller's signal ended the call. `cause` is the signal's reason. */
export class RequestAbortedError extends SealgateError {
  override readonly name = 'RequestAbortedError';
}

/** A rule of sealed chat was broken or a cryptographic check failed. Deliberately says little. */
export class SecurityError extends SealgateError {
  override readonly name = 'SecurityError';
}

const CLASS_OF_STATUS: Readonly<Record<number, typeof APIError>> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  429: RateLimitError,
  500: ServerError,
  503: ServiceUnavailableError,
};

/** Words a refusal: gets the status and the server's own sentence, if it sent one. */
export type Wording = (status: number, sentence: string | undefined) => string;

const plainWording: Wording = (status, sentence) =>
  sentence ?? `The server answered with status ${status} and no explanation.`;

/** Reads a refusing answer into the error class of its status. */
export async function errorOfResponse(
  response: Response,
  wording: Wording = plainWording,
): Promise<APIError> {
  const text = await response.text().catch(() => '');
  const errorDetails = parseObject(text);
  const ErrorClass = CLASS_OF_STATUS[response.status] ?? APIError;
  return new ErrorClass(wording(response.status, sentenceOf(errorDetails)), {
    statusCode: response.status,
    headers: response.headers,
    errorDetails,
  });
}

/** The error of an answer with status 200 that is not one, such as an error event inside a stream. */
export function errorOfBody(body: Readonly<Record<string, unknown>>, response: Response): APIError {
  const message = sentenceOf(body) ?? 'The server reported an error without an explanation.';
  return new APIError(message, { headers: response.headers, errorDetails: body });
}

/** Parses JSON text; undefined for anything but an object. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Details = Readonly<Record<string, unknown>> | undefined;

function errorObjectOf(details: Details): Details {
  const error = details?.['error'];
  return isObject(error) ? error : undefined;
}

/** OpenAI's envelope has `error.message`; sealed chat's first clients read `detail`. */
function sentenceOf(details: Details): string | undefined {
  const candidates = [errorObjectOf(details)?.['message'], details?.['detail'], details?.['error']];
  return candidates.find((candidate) => typeof candidate === 'string');
}
