import type { RequestOptions } from '../transport.ts';
import type { Answering } from './answering.ts';
import { at } from './calls.ts';
import type { Calls } from './calls.ts';
import type { Feedback } from './feedback.ts';

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
