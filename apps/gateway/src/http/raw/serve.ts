import type { IncomingMessage, ServerResponse } from 'node:http';
import { Cancellation } from '../../platform/cancellation.ts';
import { newId } from '../../platform/ids.ts';
import type { CallerAddress } from '../caller-address.ts';
import { refusalOf, refusalResponse } from '../refusal-response.ts';
import { send, type HttpExchange, type RawRoute, type RequestFacts } from './exchange.ts';

export interface RequestLine extends RequestFacts {
  readonly traceId: string;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface RawSurroundings {
  readonly callerAddress: CallerAddress;
  readonly corsHeaders: (origin: string | undefined) => Readonly<Record<string, string>>;
  readonly now: () => number;
  /** Called once for each request, at its very end. */
  readonly onRequestEnd: (line: RequestLine) => void;
}

const LINGER_MS = 2_000;

/** Wraps a route: trace id, CORS, the caller's leaving as a cancellation, refusals, and one line for the log. */
export function serveRaw(
  name: string,
  route: RawRoute,
  surroundings: RawSurroundings,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const startedAt = surroundings.now();
    const cancellation = new Cancellation();
    const traceId = newId('trace', startedAt);
    const exchange: HttpExchange = {
      request,
      response,
      traceId,
      address: surroundings.callerAddress(
        request.socket.remoteAddress,
        request.headers['x-forwarded-for'],
      ),
      cancellation,
      headers: {
        'x-trace-id': traceId,
        'x-request-id': traceId,
        ...surroundings.corsHeaders(request.headers.origin),
      },
      facts: { route: name },
    };
    response.on('close', () => {
      if (!response.writableFinished) cancellation.cancel();
      surroundings.onRequestEnd({
        ...exchange.facts,
        traceId,
        method: request.method ?? '',
        status: response.writableFinished ? response.statusCode : 499,
        durationMs: surroundings.now() - startedAt,
      });
    });
    route(exchange).catch((thrown: unknown) => refuse(exchange, thrown));
  };
}

function refuse(exchange: HttpExchange, thrown: unknown): void {
  const refusal = refusalOf(thrown);
  exchange.facts.refusal = refusal.code;
  if (refusal.cause !== undefined) exchange.facts.error = refusal.cause;
  if (exchange.response.headersSent) {
    exchange.response.destroy();
    return;
  }
  send(exchange, refusalResponse(refusal));
  if (!exchange.request.complete) dropRest(exchange.request);
}

/** Closing on a caller that still sends would reset the connection, often before it has read why. */
function dropRest(request: IncomingMessage): void {
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
