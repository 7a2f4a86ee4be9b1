import { z } from 'zod';
import { endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { Feedback } from './feedback.ts';
import { TokenPrice } from './plans.ts';
import { id, time, usd } from './values.ts';

const tokens = z.int();

const factor = () => z.string().regex(/^\d{1,12}(\.\d{1,9})?$/);

export const ChargedPrice = z
  .object({
    tokens: TokenPrice,
    factor: factor().describe('On all of the above.'),
    fee_usd: usd().describe('For the request as such.'),
    cache_hit_share: factor().describe('What is left of all this for an answer from the cache.'),
    plan_share: factor().describe('What the organization’s plan leaves of all this.'),
  })
  .describe('By what a request was charged: multiplied, rounded once.');

export type ChargedPrice = z.output<typeof ChargedPrice>;

export const Generation = z
  .object({
    generation_id: id('gen'),
    route: z.enum(['chat', 'sealed-chat', 'embeddings']),
    security_tier: z.enum(['standard', 'high', 'maximum']).nullable(),
    tier: z
      .enum(['fast', 'balanced', 'passthrough', 'byok'])
      .describe('The price that was charged.'),
    model_asked: z
      .string()
      .nullable()
      .describe('Null for sealed requests on the tiers high and maximum.'),
    model_used: z.string().nullable(),
    models_tried: z.array(z.string()).describe('Every model that was asked, in order.'),
    outcome: z.enum(['success', 'refused', 'failed', 'aborted', 'timeout']),
    status: z.int().describe('The HTTP status of the answer.'),
    is_stream: z.boolean(),
    input_tokens: tokens,
    cached_input_tokens: tokens,
    output_tokens: tokens,
    reasoning_tokens: tokens,
    usage_source: z
      .enum(['upstream', 'estimated', 'bound', 'none'])
      .describe(
        'Who counted the tokens: the upstream, or we; `bound`: nobody could, and it is the most that it can have been.',
      ),
    cost_usd: usd(),
    price_version: id('prc')
      .nullable()
      .describe('Prices of one version are the same to the last digit. Null: no model served.'),
    price: ChargedPrice.nullable().describe('Null: no model served, or it was not kept then.'),
    cache: z.enum(['miss', 'exact', 'semantic']),
    started_at: time(),
    first_byte_ms: z.int().nullable(),
    latency_ms: z.int(),
    feedback: Feedback.nullable(),
  })
  .describe('What a request used and cost. Nobody keeps what was said in it.');

export type Generation = z.output<typeof Generation>;

export const retrieveGeneration = endpoint({
  method: 'GET',
  path: '/v1/generations/{generation_id}',
  tag: 'generations',
  summary: 'Describe a generation',
  description: 'Tokens, cost, model, timing and feedback; never content.',
  caller: 'member',
  action: 'usage.read',
  request: { params: z.object({ generation_id: id('gen') }) },
  answers: {
    200: { description: 'The generation.', content: { 'application/json': Generation } },
  },
  refusals: MEMBER_REFUSALS,
});
