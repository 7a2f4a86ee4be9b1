import type { ApiKey } from '../../customers/keys/index.ts';
import {
  authenticateKey,
  rateLimitHeaders,
  refuseExcess,
  type KeyGate,
} from '../authenticate-key.ts';
import type { HttpExchange } from './exchange.ts';

/** The door of every billable route: whose key, and is its minute used up? Before the body is read. */
export async function enter(gate: KeyGate, exchange: HttpExchange): Promise<ApiKey> {
  const { authorization } = exchange.request.headers;
  const key = await authenticateKey(gate, { authorization, address: exchange.address });
  exchange.facts.keyId = key.id;
  exchange.facts.organizationId = key.organizationId;
  const verdict = gate.requests.take(key.id, key.rateLimitRpm);
  Object.assign(exchange.headers, rateLimitHeaders(verdict));
  refuseExcess(verdict);
  return key;
}
