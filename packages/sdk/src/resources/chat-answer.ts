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
  readonly route: Readonly<Record<string, unknown>>;
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
