import { z } from 'zod';
import { ToolCall } from './chat-request.ts';

export const Usage = z.looseObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.int().nullish() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: z.int().nullish() }).nullish(),
});

/** A model that could have served, and what was expected of it. */
const RouteOption = z.object({
  model: z.string(),
  quality: z.number().describe('Expected probability of a good answer, 0 to 1.'),
  expected_cost_usd: z
    .string()
    .describe('At list price, for as many tokens as its answers have on average; decimal text.'),
  expected_latency_ms: z.number().describe('To the first byte of a stream, or to a whole answer.'),
  probability: z.number().describe('With which it was chosen, 0 to 1.'),
});

const Route = z.object({
  asked: z.string().describe('The tier or the model that led to model_used.'),
  reason: z
    .string()
    .describe(
      '"named-model"; "cached" (no model was asked); of a tier "best", "exploration" (tried to learn from votes), "conversation" (it stays on its model), "only-one", "fallback" (the chosen one did not serve) or "price" (no chat).',
    ),
  chosen: z.string().optional().describe('Of a tier: what the router chose first.'),
  options: z
    .array(RouteOption)
    .optional()
    .describe('Of a tier: the models that it chose from, at most four, the best first.'),
});

/** How a request was served and what it cost. */
export const GenerationFacts = z.object({
  generation_id: z.string().describe('`gen_…`'),
  tier: z
    .enum(['fast', 'balanced', 'passthrough', 'byok'])
    .describe('The price that was charged. `nexevo/auto` is charged as the tier that served.'),
  model_used: z.string(),
  models_tried: z.array(z.string()).describe('Every model that was asked, in order.'),
  cache: z.enum(['miss', 'exact', 'semantic']),
  cost_usd: z.string().describe('Decimal text, e.g. "0.000038".'),
  latency_ms: z.number().describe('From the request’s admission to the end of the answer.'),
  route: Route.describe('Why this model.'),
});

export type GenerationFacts = z.output<typeof GenerationFacts>;

const finishReason = z
  .string()
  .nullable()
  .describe('"stop", "length", "tool_calls" or "content_filter".');

const common = {
  id: z.string(),
  created: z.int().describe('Unix seconds.'),
  model: z.string().describe('The upstream’s own name of the model.'),
  usage: Usage.nullish(),
};

/** The model provider's answer, its fields as they came, and `nexevo` at its end. */
export const ChatCompletion = z.looseObject({
  ...common,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      finish_reason: finishReason,
      message: z.looseObject({
        role: z.literal('assistant'),
        content: z.string().nullish(),
        refusal: z.string().nullish(),
        tool_calls: z.array(ToolCall).nullish(),
      }),
    }),
  ),
  nexevo: GenerationFacts,
});

export type ChatCompletion = z.output<typeof ChatCompletion>;

/** Only the first piece of a call has its id and its name. */
const ToolCallPiece = ToolCall.partial().extend({
  index: z.int(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).partial().optional(),
});

/** One event of a stream. */
export const ChatCompletionChunk = z.looseObject({
  ...common,
  object: z.literal('chat.completion.chunk'),
  choices: z
    .array(
      z.looseObject({
        index: z.int(),
        finish_reason: finishReason.optional(),
        delta: z.looseObject({
          role: z.string().nullish(),
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(ToolCallPiece)
            .nullish()
            .describe('Pieces; those of one index belong together.'),
        }),
      }),
    )
    .describe('Empty in the chunk that brings `usage`.'),
  nexevo: GenerationFacts.optional().describe('On the last chunk before [DONE].'),
});

export type ChatCompletionChunk = z.output<typeof ChatCompletionChunk>;
