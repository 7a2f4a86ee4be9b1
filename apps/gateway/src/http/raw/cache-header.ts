import type { HttpExchange } from './exchange.ts';

/** What the request wants of the cache, for clients that cannot change its body. */
export function cacheHeaderOf({ request }: HttpExchange): string | undefined {
  const header = request.headers['x-nexevo-cache'];
  return typeof header === 'string' ? header : undefined;
}
