import { Pool } from 'undici';
import type { Upstream } from './model.ts';
import { outboundConnector } from './outbound-connector.ts';
import type { Exchange, Transport } from './transport.ts';
import { UndiciExchange } from './undici-exchange.ts';

export interface TransportOptions {
  /** Connections per upstream; further requests wait, with their total timeout running. */
  readonly maxConnectionsPerUpstream: number;
}

/** Where one upstream's requests go. */
interface Route {
  readonly pool: Pool;
  readonly pathPrefix: string;
}

const KEEP_ALIVE_MS = 30_000;

/** The outbound port on `undici`'s dispatcher: one pool per upstream, no redirects, no interceptors. */
export function createTransport(
  options: TransportOptions = { maxConnectionsPerUpstream: 256 },
): Transport {
  /** By connection facts, so that a catalogue that is read anew keeps the open connections. */
  const pools = new Map<string, Pool>();
  const routes = new WeakMap<Upstream, Route>();

  function poolFor(origin: string, upstream: Upstream): Pool {
    const { socketPath = '', allowPrivateAddress, timeouts } = upstream;
    const facts = JSON.stringify([origin, socketPath, allowPrivateAddress, timeouts.connectMs]);
    const known = pools.get(facts);
    if (known) return known;
    const pool = new Pool(origin, {
      connections: options.maxConnectionsPerUpstream,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: outboundConnector(upstream),
    });
    pools.set(facts, pool);
    return pool;
  }

  function routeOf(upstream: Upstream): Route {
    const known = routes.get(upstream);
    if (known) return known;
    const { origin, pathname } = new URL(upstream.baseUrl);
    const route = { pool: poolFor(origin, upstream), pathPrefix: pathname.replace(/\/$/, '') };
    routes.set(upstream, route);
    return route;
  }

  return {
    send(upstream, request, sink, mostMs = Number.POSITIVE_INFINITY): Exchange {
      const { pool, pathPrefix } = routeOf(upstream);
      const exchange = new UndiciExchange(sink, Math.min(upstream.timeouts.totalMs, mostMs));
      pool.dispatch(
        {
          path: pathPrefix + request.path,
          method: request.method ?? 'POST',
          headers: request.headers,
          body: request.body ?? null,
          headersTimeout: upstream.timeouts.firstByteMs,
          bodyTimeout: upstream.timeouts.idleMs,
        },
        exchange,
      );
      return exchange;
    },
    async close() {
      await Promise.all(Array.from(pools.values(), (pool) => pool.destroy()));
    },
  };
}
