import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cancellation } from '../../platform/cancellation.ts';

/** What the request line in the log may say. An allow-list: no bodies, prompts, headers, secrets or addresses. */
export interface RequestFacts {
  route: string;
  keyId?: string;
  userId?: string;
  organizationId?: string;
  generationId?: string;
  refusal?: string;
  /** The cause of an `internal` refusal. */
  error?: unknown;
  modelAsked?: string;
  modelUsed?: string | undefined;
  modelsTried?: readonly string[];
  cache?: string;
  securityTier?: string | undefined;
  inputTokens?: number;
  outputTokens?: number;
  firstByteMs?: number | undefined;
}

/** One request on the hot path, straight on `node:http`. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly traceId: string;
  readonly address: string;
  /** Cancelled when the caller leaves before the answer is complete. */
  readonly cancellation: Cancellation;
  /** Sent with whatever answer there will be. */
  readonly headers: Record<string, string>;
  readonly facts: RequestFacts;
}

export type RawRoute = (exchange: HttpExchange) => Promise<void>;

/** Sends a complete answer with the headers gathered so far. */
export function send(
  exchange: HttpExchange,
  answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Uint8Array;
  },
): void {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) return;
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const headers = Object.assign(exchange.headers, answer.headers);
  headers['content-length'] = String(body.length);
  response.writeHead(answer.status, headers);
  response.end(body);
}
