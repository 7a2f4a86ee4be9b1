import { getRequestListener, RequestError } from '@hono/node-server';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { Refusal } from '../platform/refusal.ts';
import { answerBrokenRequest, malformed } from './broken-request.ts';
import type { RawRoute } from './raw/exchange.ts';
import { serveRaw, type RawSurroundings } from './raw/serve.ts';
import { watchConnections } from './silent-connections.ts';
import { refusalResponse } from './refusal-response.ts';

export interface CallerTimeouts {
  readonly headersMs: number;
  /** For headers and body together. */
  readonly requestMs: number;
  /** For a caller that takes nothing of an answer that is there. */
  readonly stalledReaderMs: number;
  /** How often slow requests are looked for. */
  readonly checkEveryMs: number;
}

const TIMEOUTS: CallerTimeouts = {
  headersMs: 15_000,
  requestMs: 60_000,
  stalledReaderMs: 60_000,
  checkEveryMs: 5_000,
};
/** Longer than the idle time of common load balancers, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** The percent-encoded RSA key of a sealed request alone takes 900 bytes. */
const MAX_HEADER_BYTES = 32 * 1024;

/**
 * The billable routes straight on `node:http`, everything else through `fetch`-shaped handlers. A caller that is too slow,
 * in sending or in reading, is cut off.
 */
export function createHttpServer(options: {
  /** By path; all of them take `POST`. */
  readonly rawRoutes: Readonly<Record<string, RawRoute>>;
  readonly surroundings: RawSurroundings;
  readonly fetch: Parameters<typeof getRequestListener>[0];
  readonly timeouts?: CallerTimeouts;
}): Server {
  const { timeouts = TIMEOUTS } = options;
  const answering = new WeakMap<Duplex, ServerResponse>();
  const serve = router(options);
  const listener: RequestListener = (request, response) => {
    answering.set(request.socket, response);
    cutStalledReader(request, response, timeouts.stalledReaderMs);
    serve(request, response);
  };
  const server = createServer({
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: timeouts.checkEveryMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Checked by who needs it, and answered in our envelope.
    requireHostHeader: false,
  });
  watchConnections(server);
  server.on('request', listener);
  server.on('checkExpectation', listener);
  server.on('clientError', (error, socket) => {
    const response = answering.get(socket);
    const isMidAnswer = response?.headersSent === true && !response.writableFinished;
    if (isMidAnswer || !socket.writable) socket.destroy();
    else answerBrokenRequest(socket, error);
  });
  return server;
}

function router({
  rawRoutes,
  surroundings,
  fetch,
}: Parameters<typeof createHttpServer>[0]): RequestListener {
  const routes = new Map(
    Object.entries(rawRoutes).map(([path, route]) => [path, serveRaw(path, route, surroundings)]),
  );
  const wrongMethod = serveRaw('other', refuseMethod, surroundings);
  const others = getRequestListener(fetch, { overrideGlobalObjects: false, errorHandler });
  return (request, response) => {
    const route = routes.get(pathOf(request.url ?? '/'));
    if (!route || request.method === 'OPTIONS') void others(request, response);
    else if (request.method === 'POST') route(request, response);
    else wrongMethod(request, response);
  };
}

/** Every fault of a route is answered there; only what has no usable URL gets here. */
function errorHandler(thrown: unknown): Response {
  const refusal = thrown instanceof RequestError ? malformed() : thrown;
  const { status, headers, body } = refusalResponse(refusal);
  return new Response(body, { status, headers });
}

function cutStalledReader(
  request: IncomingMessage,
  response: ServerResponse,
  stalledReaderMs: number,
): void {
  const { socket } = request;
  // Silence alone is no fault: models think long.
  response.setTimeout(stalledReaderMs, () => {
    if (socket.writableLength > 0) socket.destroy();
  });
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

async function refuseMethod({ headers }: { headers: Record<string, string> }): Promise<void> {
  headers['allow'] = 'POST, OPTIONS';
  throw new Refusal('method_not_allowed', { message: 'This path takes POST only.' });
}
