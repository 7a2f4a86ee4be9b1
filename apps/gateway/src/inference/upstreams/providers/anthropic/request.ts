import type { ChatCall } from '../../provider.ts';
import type { Block } from './content.ts';
import { fieldsAt, invalid, numberOrNone, type Fields } from './fields.ts';
import { generationOf, type Generation } from './generation.ts';
import { conversationOf, isInToolLoop, type Conversation } from './messages.ts';
import { isToolForced, toolFields } from './tools.ts';

const DEFAULT_MAX_TOKENS = 4_096;
const MIN_THINKING_TOKENS = 1_024;
const MAX_TEMPERATURE = 1;
const JSON_ONLY = 'Answer with one JSON object and nothing else: no prose, no code fence.';

/**
 * OpenAI's chat completion request → Anthropic's Messages request. What Anthropic has no counterpart for (`seed`,
 * penalties, `logit_bias`, …) is left out; what would change the answer's shape (`n`) is refused.
 */
export function messagesRequest(call: Omit<ChatCall, 'bodyText'>): Fields {
  const { body, model, isStream } = call;
  if (typeof body['n'] === 'number' && body['n'] !== 1) throw invalid('n', 'must be 1');
  const generation = generationOf(model.upstreamModel);
  const conversation = conversationOf(body['messages']);
  const maxTokens = maxTokensOf(call);
  const thought = thinkingOf(body, { generation, conversation, maxTokens });
  const format = formatOf(body['response_format']);
  const system = [...conversation.system, ...format.system];
  const config = { ...thought.config, ...format.config };
  return {
    model: model.upstreamModel,
    max_tokens: maxTokens,
    ...(system.length > 0 ? { system } : {}),
    messages: conversation.turns,
    ...toolFields(body),
    ...(thought.thinking ? { thinking: thought.thinking } : samplingOf(body, generation)),
    ...(Object.keys(config).length > 0 ? { output_config: config } : {}),
    ...stopOf(body['stop']),
    ...(typeof body['user'] === 'string' ? { metadata: { user_id: body['user'] } } : {}),
    ...(isStream ? { stream: true } : {}),
  };
}

function maxTokensOf({ body, model, maxOutputTokens }: Omit<ChatCall, 'bodyText'>): number {
  const wanted =
    numberOrNone(body['max_completion_tokens']) ??
    numberOrNone(body['max_tokens']) ??
    maxOutputTokens ??
    model.maxOutputTokens ??
    DEFAULT_MAX_TOKENS;
  return Math.min(wanted, model.maxOutputTokens ?? wanted);
}

/** Newer models refuse `temperature` together with `top_p`; the more common one is kept. */
function samplingOf(body: Fields, generation: Generation): Fields {
  if (!generation.takesSampling) return {};
  const temperature = numberOrNone(body['temperature']);
  if (temperature !== undefined) return { temperature: Math.min(temperature, MAX_TEMPERATURE) };
  const topP = numberOrNone(body['top_p']);
  return topP === undefined ? {} : { top_p: topP };
}

interface Thought {
  readonly thinking?: Fields;
  readonly config?: Fields;
}

interface Situation {
  readonly generation: Generation;
  readonly conversation: Conversation;
  readonly maxTokens: number;
}

const BUDGETS: Readonly<Record<string, number>> = { low: 1_024, medium: 4_096, high: 16_384 };

/** `reasoning_effort` → thinking, where Anthropic allows it: not while a tool is forced. */
function thinkingOf(body: Fields, situation: Situation): Thought {
  const effort = effortOf(body['reasoning_effort'], situation.generation);
  if (effort === undefined || isToolForced(body['tool_choice'])) return {};
  if (situation.generation.thinking === 'adaptive') {
    return { thinking: { type: 'adaptive', display: 'summarized' }, config: { effort } };
  }
  // With a budget, the model's earlier thinking must come back beside its tool call, and OpenAI's format has no place for it.
  if (isInToolLoop(situation.conversation)) return {};
  const budget = Math.min(BUDGETS[effort] ?? MIN_THINKING_TOKENS, situation.maxTokens - 1);
  return budget < MIN_THINKING_TOKENS
    ? {}
    : { thinking: { type: 'enabled', budget_tokens: budget } };
}

function effortOf(effort: unknown, generation: Generation): string | undefined {
  switch (effort) {
    case 'minimal':
      return 'low';
    case 'low':
    case 'medium':
    case 'high':
      return effort;
    case 'xhigh':
    case 'max':
      return generation.takesHighestEfforts ? effort : 'high';
    default:
      return undefined;
  }
}

function formatOf(format: unknown): { readonly system: readonly Block[]; readonly config: Fields } {
  if (format === undefined || format === null) return { system: [], config: {} };
  const { type, json_schema: named } = fieldsAt(format, 'response_format');
  if (type === 'json_object') return { system: [{ type: 'text', text: JSON_ONLY }], config: {} };
  if (type !== 'json_schema') return { system: [], config: {} };
  const { schema } = fieldsAt(named, 'response_format.json_schema');
  return {
    system: [],
    config: {
      format: {
        type: 'json_schema',
        schema: fieldsAt(schema, 'response_format.json_schema.schema'),
      },
    },
  };
}

function stopOf(stop: unknown): Fields {
  const sequences = (Array.isArray(stop) ? stop : [stop]).filter(
    (sequence): sequence is string => typeof sequence === 'string' && sequence.trim() !== '',
  );
  return sequences.length > 0 ? { stop_sequences: sequences } : {};
}
