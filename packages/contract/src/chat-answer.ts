import { z } from 'zod';
import { ToolCall } from './chat-request.ts';

export const Usage = z.looseObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.int().nullish() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: z.int().nullish() }).nullish(),
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
  route: z
    .object({
      asked: z.string().describe('The tier or the model that led to model_used.'),
      reason: z.string().describe('"named-model", "cheapest-healthy", "dearest-healthy", …'),
    })
    .describe('Why this model.'),
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
