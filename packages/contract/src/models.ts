import { z } from 'zod';
import { endpoint, KEY_REFUSALS } from './endpoint.ts';

/** What a caller may write as `model`. */
export const ModelId = z
  .string()
  .min(1)
  .max(200)
  .describe(
    '`nexevo/fast`, `nexevo/balanced`, `nexevo/auto`, or the id of a model. The suffixes `:fast`, `:cheap` and `:quality` are preferences.',
  )
  .meta({ examples: ['nexevo/auto'] });

/** A tier stands for whichever of its models serves best, so it has no facts of its own. */
const TierFacts = z.object({ tier: z.enum(['fast', 'balanced', 'auto']) });

const price = z.string().describe('USD per million tokens, decimal text.');

const NamedModelFacts = z.object({
  tier: z
    .enum(['passthrough', 'byok'])
    .describe('By what it is charged. `byok`: it is asked with the organization’s own key.'),
  region: z.enum(['cn', 'overseas']),
  trust: z
    .enum(['public', 'private', 'local'])
    .describe(
      'Who can see what is sent there. `local`: this machine. `private`: self-hosted, or bound to keep nothing.',
    ),
  context_length: z.int().nullable(),
  max_output_tokens: z.int().nullable(),
  pricing: z.object({ prompt: price, completion: price }).nullable(),
  capabilities: z.array(z.enum(['chat', 'tools', 'vision', 'structured-output', 'embeddings'])),
  data_collection: z
    .enum(['allow', 'deny'])
    .describe('"deny": the upstream promises not to keep what is sent.'),
  health: z
    .enum(['healthy', 'degraded', 'unavailable'])
    .describe(
      '"degraded": it failed now and then lately. "unavailable": it is left alone for a while, so requests for it are refused or go to another model.',
    ),
});

export const ModelFacts = z.discriminatedUnion('tier', [TierFacts, NamedModelFacts]);

export type ModelFacts = z.output<typeof ModelFacts>;

export const Model = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int().describe('Unix seconds; 0 where it is not known.'),
  owned_by: z.string().describe('The upstream that serves it.'),
  nexevo: ModelFacts,
});

export type Model = z.output<typeof Model>;

export const ModelList = z.object({ object: z.literal('list'), data: z.array(Model) });

export type ModelList = z.output<typeof ModelList>;

export const listModels = endpoint({
  method: 'GET',
  path: '/v1/models',
  tag: 'models',
  summary: 'List the tiers and models that the key may use',
  caller: 'key',
  answers: {
    200: {
      description: 'The tiers that have a model, then the models.',
      content: { 'application/json': ModelList },
    },
  },
  refusals: KEY_REFUSALS,
});

export const retrieveModel = endpoint({
  method: 'GET',
  path: '/v1/models/{id}',
  tag: 'models',
  summary: 'Describe one tier or model',
  caller: 'key',
  request: {
    params: z.object({
      id: z.string().describe('The id. Its slashes may be sent as they are or as %2F.'),
    }),
  },
  answers: {
    200: { description: 'The model.', content: { 'application/json': Model } },
  },
  refusals: [...KEY_REFUSALS, 'model_not_found'],
});
