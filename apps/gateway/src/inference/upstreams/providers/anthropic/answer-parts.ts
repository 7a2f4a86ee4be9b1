import type { Fields } from './fields.ts';

/** What a whole answer and a stream have in common. */

const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

export const finishReasonOf = (stopReason: unknown): string =>
  FINISH_REASONS[String(stopReason)] ?? 'stop';

/** Anthropic counts cached input apart; OpenAI's `prompt_tokens` is all of it. */
export function usageOf(usage: Fields): Fields {
  const cached = count(usage['cache_read_input_tokens']);
  const created = count(usage['cache_creation_input_tokens']);
  const prompt = count(usage['input_tokens']) + cached + created;
  const completion = count(usage['output_tokens']);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, cache_creation_tokens: created },
  };
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
