import { z } from 'zod';
import { CacheWish } from './cache.ts';
import { ModelId } from './models.ts';
import { parsePricePerMillion, parseUsd } from './usd.ts';

const price = (parse: (text: string) => unknown) =>
  z
    .union([z.string(), z.number()])
    .refine((amount) => parse(String(amount)) !== undefined)
    .nullish();

/** The most that a model may cost. Dollar amounts as decimal text, or as a number. */
export const MaxPrice = z.looseObject({
  prompt: price(parsePricePerMillion).describe('USD per million input tokens, e.g. "0.50".'),
  completion: price(parsePricePerMillion).describe('USD per million output tokens.'),
  total: price(parseUsd).describe(
    'USD for this request at most, counted with max_completion_tokens (else max_tokens, else the model’s own limit).',
  ),
});

export const ProviderPreferences = z.looseObject({
  data_collection: z
    .enum(['allow', 'deny'])
    .nullish()
    .describe('"deny": only upstreams that promise not to keep what is sent. Default "allow".'),
  only: z.array(z.string()).nullish().describe('Use these upstreams only.'),
  ignore: z.array(z.string()).nullish().describe('Never use these upstreams.'),
});

const tokenCount = z.int().min(1).nullish();

/**
 * What Sealgate itself judges in a chat body: the server accepts a body exactly when this schema does. All else is the
 * model provider's to judge.
 */
export const JudgedChatRequest = z.looseObject({
  model: ModelId,
  models: z
    .array(ModelId)
    .max(8)
    .nullish()
    .describe('Fallbacks, tried in this order when `model` cannot serve. Not passed on.'),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  stream: z.boolean().nullish().describe('Answer as server-sent events.'),
  stream_options: z.looseObject({}).nullish(),
  max_tokens: tokenCount.describe('The older name of max_completion_tokens.'),
  max_completion_tokens: tokenCount.describe('Most tokens to write, reasoning included.'),
  n: tokenCount.describe('How many choices: each may be as long as the limit allows.'),
  max_price: MaxPrice.nullish().describe('Models that cost more are left out. Not passed on.'),
  provider: ProviderPreferences.nullish().describe('Which upstreams may serve. Not passed on.'),
  explore: z
    .boolean()
    .nullish()
    .describe(
      'Of a tier: false takes the model that is thought best, and tries nothing out. Default true. Not passed on.',
    ),
  learn: z
    .boolean()
    .nullish()
    .describe(
      'Of a tier: may hashed words of the prompt be kept, so that votes on the answer teach the router? Default true; in sealed requests false, of which nothing is logged then. Not passed on.',
    ),
  cache: CacheWish.nullish(),
});

const ContentPart = z.looseObject({
  type: z.string().describe('"text", "image_url", …'),
  text: z.string().optional(),
  image_url: z
    .looseObject({
      url: z.string().describe('https: or data: URL.'),
      detail: z.string().optional(),
    })
    .optional(),
});

export const ToolCall = z.looseObject({
  id: z.string(),
  type: z.string().describe('"function"'),
  function: z
    .looseObject({ name: z.string(), arguments: z.string().describe('JSON text.') })
    .optional(),
});

export const ChatMessage = z.looseObject({
  role: z.string().describe('"developer", "system", "user", "assistant" or "tool".'),
  content: z.union([z.string(), z.array(ContentPart)]).nullish(),
  name: z.string().nullish(),
  tool_calls: z.array(ToolCall).nullish().describe('What the assistant wanted called.'),
  tool_call_id: z.string().nullish().describe('The call that a message of role "tool" answers.'),
});

export const Tool = z.looseObject({
  type: z.string().describe('"function"'),
  function: z
    .looseObject({
      name: z.string(),
      description: z.string().nullish(),
      parameters: z.looseObject({}).nullish().describe('JSON schema of the arguments.'),
      strict: z.boolean().nullish(),
    })
    .optional(),
});

const ResponseFormat = z.looseObject({
  type: z.string().describe('"text", "json_object" or "json_schema".'),
  json_schema: z
    .looseObject({
      name: z.string(),
      schema: z.looseObject({}).optional(),
      strict: z.boolean().nullish(),
    })
    .optional(),
});

/** A chat body as OpenAI describes it, with Sealgate's own fields. Fields that are not named here are passed on too. */
export const ChatRequest = JudgedChatRequest.extend({
  messages: z.array(ChatMessage).min(1),
  stream_options: z
    .looseObject({
      include_usage: z.boolean().nullish().describe('Send `usage` in a chunk of its own.'),
    })
    .nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().nullish(),
  response_format: ResponseFormat.nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: z
    .union([z.string(), z.looseObject({ type: z.string() })])
    .nullish()
    .describe('"none", "auto", "required", or one tool.'),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning_effort: z.string().nullish(),
  user: z.string().nullish(),
  metadata: z
    .record(z.string(), z.string())
    .nullish()
    .describe(
      '`conversation_id` keeps a conversation on its model while a tier has it; that one is not passed on.',
    ),
}).meta({
  examples: [{ model: 'nexevo/auto', messages: [{ role: 'user', content: 'Hello!' }] }],
});

export type ChatRequest = z.output<typeof ChatRequest>;
