import type { HttpBindings } from '@hono/node-server';
import type { RequestFacts } from './raw/exchange.ts';

/** What Hono's routes know about a request beside the request. */
export type Env = {
  Bindings: HttpBindings;
  Variables: { traceId: string; facts: RequestFacts };
};
