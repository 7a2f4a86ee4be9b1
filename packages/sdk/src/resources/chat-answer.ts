import type { ToolCall } from './chat-request.ts';

/** Why the model stopped. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/** Token counts. */
export interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
}

/** How Sealgate answered: which model, from where, for how much. */
export interface Nexevo {
  /** For feedback and for `GET /generations/{id}`. */
  readonly generation_id: string;
  readonly tier: string;
  readonly model_used: string;
  readonly models_tried: readonly string[];
  readonly cache: 'miss' | 'exact' | 'semantic';
  /** USD as decimal text, e.g. `"0.000038"`. */
  readonly cost_usd: string;
  /** Milliseconds. */
  readonly latency_ms: number;
  /** Why this model was chosen. */
  readonly route: Route;
}

/** Why a model was chosen. */
export interface Route {
  /** The tier or the model that led to `model_used`. */
  readonly asked: string;
  /** `named-model`; `cached`; of a tier `best`, `exploration`, `conversation`, `only-one`, `fallback`, … */
  readonly reason: string;
  /** Of a tier: what the router chose first. */
  readonly chosen?: string | undefined;
  /** Of a tier: the models that it chose from. */
  readonly options?: readonly RouteOption[] | undefined;
}

/** A model that could have served, and what was expected of it. */
export interface RouteOption {
  readonly model: string;
  /** Probability of a good answer, 0 to 1. */
  readonly quality: number;
  /** USD as decimal text. */
  readonly expected_cost_usd: string;
  /** Milliseconds to the first byte of a stream, or to a whole answer. */
  readonly expected_latency_ms: number;
  /** With which it was chosen, 0 to 1. */
  readonly probability: number;
}

interface TokenLogprob {
  token: string;
  bytes: number[] | null;
  logprob: number;
}

/** Log probabilities, where asked for. */
export interface Logprobs {
  content: (TokenLogprob & { top_logprobs: TokenLogprob[] })[] | null;
  refusal: (TokenLogprob & { top_logprobs: TokenLogprob[] })[] | null;
}

/** What the model said. */
export interface AssistantMessage {
  role: 'assistant';
  content: string | null;
  refusal: string | null;
  tool_calls?: ToolCall[];
  /** The chain of thought of models that show it. */
  reasoning_content?: string;
}

interface Completion {
  id: string;
  /** Unix seconds. */
  created: number;
  /** The model that answered. */
  model: string;
  system_fingerprint?: string;
  service_tier?: 'auto' | 'default' | 'flex' | 'scale' | 'priority' | null;
  /** Absent when the server is not Sealgate. */
  nexevo?: Nexevo;
}

/** A whole answer. */
export interface ChatCompletion extends Completion {
  object: 'chat.completion';
  choices: {
    index: number;
    message: AssistantMessage;
    finish_reason: FinishReason;
    logprobs: Logprobs | null;
  }[];
  usage?: CompletionUsage;
}

/** What a chunk adds to the message. */
export interface ChatCompletionDelta {
  role?: 'developer' | 'system' | 'user' | 'assistant' | 'tool';
  content?: string | null;
  refusal?: string | null;
  reasoning_content?: string | null;
  /** Pieces of tool calls; those of one `index` belong together. */
  tool_calls?: {
    index: number;
    id?: string;
    type?: 'function';
    function?: { name?: string; arguments?: string };
  }[];
}

/** One piece of a streamed answer. `nexevo` and `usage` are on the last one. */
export interface ChatCompletionChunk extends Completion {
  object: 'chat.completion.chunk';
  choices: {
    index: number;
    delta: ChatCompletionDelta;
    finish_reason: FinishReason | null;
    logprobs?: Logprobs | null;
  }[];
  usage?: CompletionUsage | null;
}
