import { z } from 'zod';
import { endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { signedUsd, time, usd } from './values.ts';

const tier = z.enum(['fast', 'balanced', 'auto']);

const share = (example: number) =>
  z
    .number()
    .min(0)
    .max(1)
    .meta({ examples: [example] });

const count = (example: number) => z.int().meta({ examples: [example] });

export const Estimate = z
  .object({ value: share(0.84), low: share(0.79), high: share(0.88) })
  .describe('From 0 to 1, with the interval that holds the truth in 95 of 100 such cases.');

export type Estimate = z.output<typeof Estimate>;

const trackRecord = {
  decisions: count(1500).describe('Those that were answered.'),
  votes: count(310),
  good: count(260),
  win_rate: Estimate.nullable().describe('Good votes of all votes. Null without votes.'),
  regenerated: count(12).describe('How often the very same was asked again.'),
  cost_usd: usd().describe('What was charged.'),
  cost_per_solved_usd: usd()
    .nullable()
    .describe('What answers with a vote cost, per good one. Null: none is good.'),
};

export const ModelInsight = z.object({
  model: z.string().meta({ examples: ['local/math'] }),
  ...trackRecord,
  traffic_share: share(0.62).describe('Of the tier’s answers.'),
  expected_win_rate: share(0.81)
    .nullable()
    .describe('What was expected of those answers before the votes. Null: of none.'),
});

export type ModelInsight = z.output<typeof ModelInsight>;

export const ExplorationInsight = z.object({
  decisions: count(1200).describe('In which anything but the best model could be drawn.'),
  explored: count(70).describe('In which it was.'),
  utility_lost: z
    .number()
    .describe('Expected, in good answers; money and time are counted as the tier weighs them.')
    .meta({ examples: [4.1] }),
  extra_cost_usd: signedUsd().describe(
    'Expected, at the models’ own prices. Below zero: cheaper models were tried.',
  ),
});

export type ExplorationInsight = z.output<typeof ExplorationInsight>;

export const PolicyInsight = z.object({
  policy: z
    .string()
    .describe('`current`: the router as it was; `always:<model>`: that model for everything.')
    .meta({ examples: ['always:local/math'] }),
  decisions: count(1200).describe('Those that were drawn: only they can be judged.'),
  applied: share(1).describe('In which share of them the model could serve.'),
  overlap: share(1).describe('In which share of them the router could have drawn the same.'),
  agreement: share(0.94).describe('In which share of them it would have chosen the same.'),
  votes: count(250),
  effective_votes: z
    .number()
    .describe('How many votes of equal weight would tell as much.')
    .meta({ examples: [228.4] }),
  self_normalised: Estimate.nullable().describe(
    'The share of good answers, from votes alone (self-normalised inverse propensity). Null: see `unknown_reason`.',
  ),
  doubly_robust: Estimate.nullable().describe(
    'The same from what was expected, corrected by votes (doubly robust).',
  ),
  unknown_reason: z
    .enum(['too-few-votes', 'too-few-effective-votes', 'no-overlap'])
    .nullable()
    .describe('Why there is no value. `no-overlap`: it chooses what was hardly ever tried.'),
  cost_per_1000_usd: usd().describe(
    'Expected of a thousand requests, at the models’ own prices: a tier may charge others.',
  ),
  latency_ms: z
    .number()
    .describe('Expected.')
    .meta({ examples: [420.5] }),
  cost_per_solved_usd: usd()
    .nullable()
    .describe('Expected cost by the doubly robust value. Null where that is.'),
});

export type PolicyInsight = z.output<typeof PolicyInsight>;

export const TierInsight = z.object({
  tier,
  ...trackRecord,
  failed: count(3).describe('Nobody answered; counted nowhere else.'),
  fallbacks: count(9).describe('Another model than the chosen one answered.'),
  models: z.array(ModelInsight).describe('By who answered, the one with the most traffic first.'),
  exploration: ExplorationInsight,
  policies: z.array(PolicyInsight).describe('`current` first.'),
});

export type TierInsight = z.output<typeof TierInsight>;

export const RoutingInsight = z.object({
  from: z.iso.date().describe('The first day, in `time_zone`.'),
  to: z.iso.date().describe('The last day: today.'),
  time_zone: z.string().describe('IANA name; where the days of the organization begin.'),
  decisions: count(1503).describe('How many were looked at: 50,000 at most, the newest.'),
  truncated: z.boolean().describe('The period has older ones, which were not looked at.'),
  since: time().nullable().describe('When the oldest of them was made. Null: there are none.'),
  tiers: z.array(TierInsight).describe('Those that were asked for.'),
});

export type RoutingInsight = z.output<typeof RoutingInsight>;

export const InsightQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(366).default(7).describe('Today and the days before.'),
  tier: tier.optional().describe('Only this one.'),
});

export type InsightQuery = z.output<typeof InsightQuery>;

export const readRoutingInsight = endpoint({
  method: 'GET',
  path: '/v1/routing/insight',
  tag: 'routing',
  summary: 'Tell what the tiers’ choices are worth',
  description:
    'Of each tier: who answered, how people voted, what exploring costs, and what other ways of choosing would have been worth. Values are shares of good answers among those that somebody votes on; who votes may be pleased more or less often than others.',
  caller: 'member',
  action: 'usage.read',
  request: { query: InsightQuery },
  answers: {
    200: { description: 'The insight.', content: { 'application/json': RoutingInsight } },
  },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});
