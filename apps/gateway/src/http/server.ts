import { getRequestListener } from '@hono/node-server';
import { createServer, type Server } from 'node:http';
import { Refusal } from '../platform/refusal.ts';
import type { RawRoute } from './raw/exchange.ts';
import { serveRaw, type RawSurroundings } from './raw/serve.ts';

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the idle time of common load balancers, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** The percent-encoded RSA key of a sealed request alone takes 900 bytes. */
const MAX_HEADER_BYTES = 32 * 1024;

/**
 * The billable routes straight on `node:http`, everything else through `fetch`-shaped handlers. A caller that sends its
 * request too slowly is answered 408 by Node.
 */
export function createHttpServer(options: {
  /** By path; all of them take `POST`. */
  readonly rawRoutes: Readonly<Record<string, RawRoute>>;
  readonly surroundings: RawSurroundings;
  readonly fetch: Parameters<typeof getRequestListener>[0];
}): Server {
  const { rawRoutes, surroundings } = options;
  const routes = new Map(
    Object.entries(rawRoutes).map(([path, route]) => [path, serveRaw(path, route, surroundings)]),
  );
  const wrongMethod = serveRaw('other', refuseMethod, surroundings);
  const others = getRequestListener(options.fetch, { overrideGlobalObjects: false });
  return createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      const route = routes.get(pathOf(request.url ?? '/'));
      if (!route || request.method === 'OPTIONS') void others(request, response);
      else if (request.method === 'POST') route(request, response);
      else wrongMethod(request, response);
    },
  );
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

async function refuseMethod({ headers }: { headers: Record<string, string> }): Promise<void> {
  headers['allow'] = 'POST, OPTIONS';
  throw new Refusal('method_not_allowed', { message: 'This path takes POST only.' });
}
