import { z } from 'zod';
import { CacheWish } from './cache.ts';
import { GenerationFacts } from './chat-answer.ts';
import { endpoint, INFERENCE_REFUSALS } from './endpoint.ts';
import { CacheHeaders, GenerationHeaders, UsageHeaders } from './headers.ts';
import { ModelId } from './models.ts';

/** What Sealgate itself judges: the server accepts a body exactly when this schema does. */
export const JudgedEmbeddingsRequest = z.looseObject({
  model: ModelId,
  input: z.union([z.string().min(1), z.array(z.unknown()).min(1)]),
  cache: CacheWish.nullish(),
});

/** As OpenAI describes it. Fields that are not named here are passed on too. */
export const EmbeddingsRequest = JudgedEmbeddingsRequest.extend({
  input: z
    .union([
      z.string().min(1),
      z.array(z.string()).min(1),
      z.array(z.int()).min(1),
      z.array(z.array(z.int()).min(1)).min(1),
    ])
    .describe('A text, texts, the tokens of a text, or the tokens of texts.'),
  dimensions: z.int().min(1).nullish(),
  encoding_format: z.string().nullish().describe('"float" or "base64".'),
  user: z.string().nullish(),
});

export type EmbeddingsRequest = z.output<typeof EmbeddingsRequest>;

export const EmbeddingList = z.looseObject({
  object: z.literal('list'),
  data: z.array(
    z.looseObject({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string().describe('base64 of float32.')]),
    }),
  ),
  model: z.string(),
  usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }).nullish(),
  nexevo: GenerationFacts,
});

export type EmbeddingList = z.output<typeof EmbeddingList>;

export const createEmbeddings = endpoint({
  method: 'POST',
  path: '/v1/embeddings',
  tag: 'embeddings',
  summary: 'Turn texts into vectors',
  caller: 'key',
  request: { headers: CacheHeaders, body: { 'application/json': EmbeddingsRequest } },
  answers: {
    200: {
      description: 'One vector for each text.',
      headers: GenerationHeaders.extend(UsageHeaders.shape),
      content: { 'application/json': EmbeddingList },
    },
  },
  refusals: INFERENCE_REFUSALS,
});
