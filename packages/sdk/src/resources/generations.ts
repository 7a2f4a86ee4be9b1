import type { RequestOptions } from '../transport.ts';
import type { Answering } from './answering.ts';
import { at } from './calls.ts';
import type { Calls } from './calls.ts';
import type { TokenPrice } from './billing.ts';
import type { Feedback } from './feedback.ts';

/** By what a request was charged: multiplied, rounded once. Everything is decimal text. */
export interface ChargedPrice {
  tokens: TokenPrice;
  /** On all of the above. */
  factor: string;
  /** For the request as such. */
  fee_usd: string;
  /** What is left of all this for an answer from the cache. */
  cache_hit_share: string;
  /** What the organization's plan leaves of all this. */
  plan_share: string;
}

/** What a request used and cost. Nobody keeps what was said in it. */
export interface Generation {
  generation_id: string;
  route: 'chat' | 'sealed-chat' | 'embeddings';
  security_tier: 'standard' | 'high' | 'maximum' | null;
  /** The price that was charged. */
  tier: 'fast' | 'balanced' | 'passthrough' | 'byok';
  /** Null for sealed requests on the tiers high and maximum. */
  model_asked: string | null;
  model_used: string | null;
  /** Every model that was asked, in order. */
  models_tried: string[];
  outcome: 'success' | 'refused' | 'failed' | 'aborted' | 'timeout';
  /** The HTTP status of the answer. */
  status: number;
  is_stream: boolean;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  /** Who counted the tokens. */
  usage_source: 'upstream' | 'estimated' | 'bound' | 'none';
  /** Decimal text. */
  cost_usd: string;
  /** Prices of one version are the same to the last digit. Null: no model served. */
  price_version: string | null;
  /** Null: no model served, or it was not kept then. */
  price: ChargedPrice | null;
  cache: 'miss' | 'exact' | 'semantic';
  /** RFC 3339. */
  started_at: string;
  first_byte_ms: number | null;
  latency_ms: number;
  feedback: Feedback | null;
}

/** `client.generations`. */
export class Generations {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Tokens, cost, model, timing and feedback of one request; never content. It is there a moment after the answer. */
  get(generationId: string, options?: RequestOptions): Answering<Generation> {
    return this.#calls.get(at`/generations/${generationId}`, options);
  }
}
