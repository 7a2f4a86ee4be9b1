import { z } from 'zod';
import { BODY_REFUSALS, endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { listOf, time, usd } from './values.ts';

const decimal = (example: string) =>
  z
    .string()
    .regex(/^\d{1,12}(\.\d{1,9})?$/)
    .meta({ examples: [example] });

const percent = () => decimal('12.5').describe('Per cent, decimal text.');
const perMillion = () => decimal('0.60').describe('US dollars per million tokens, decimal text.');

export const TokenPrice = z.object({
  input: perMillion(),
  output: perMillion(),
  cached_input: perMillion().describe('Input that the upstream had in its cache.'),
  cache_write: perMillion().describe('Input that the upstream put into its cache.'),
  reasoning: perMillion().describe('The part of the output that nobody reads.'),
  image: usd().describe('US dollars for each image, beside its tokens; decimal text.'),
});

export type TokenPrice = z.output<typeof TokenPrice>;

export const Plan = z.object({
  plan_id: z.string().meta({ examples: ['team'] }),
  name: z.string().meta({ examples: ['Team'] }),
  monthly_fee_usd: usd().describe('For a calendar month; a part of one costs by the day.'),
  discount_percent: z
    .object({
      fast: percent(),
      balanced: percent(),
      passthrough: percent(),
      byok: percent(),
    })
    .describe('Taken off what a request of each tier costs.'),
});

export type Plan = z.output<typeof Plan>;

export const PriceList = z
  .object({
    fast: TokenPrice,
    balanced: TokenPrice,
    passthrough_factor: decimal('1.05').describe('On the list price of a model that is named.'),
    byok: z.object({
      share: decimal('0').describe('Of the model’s list price.'),
      fee_usd: usd().describe('For each request.'),
    }),
    cache_hit_share: decimal('0.25').describe('What an answer from the cache costs of its price.'),
  })
  .describe('What is charged, before a plan’s discount.');

export type PriceList = z.output<typeof PriceList>;

export const BookedPlan = z.object({
  plan: Plan,
  next: z
    .object({ plan: Plan, from: time().describe('The first moment of a month.') })
    .nullable()
    .describe('What follows. Null: the plan goes on.'),
  fee: z
    .object({
      month: z
        .string()
        .regex(/^\d{4}-\d{2}$/)
        .describe('In the organization’s time zone.')
        .meta({ examples: ['2026-11'] }),
      paid_usd: usd(),
    })
    .nullable()
    .describe('What was paid for the plan in this month. Null: it has no fee.'),
  prices: PriceList,
});

export type BookedPlan = z.output<typeof BookedPlan>;

const common = { tag: 'billing', caller: 'member' } as const;

export const readPlan = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/plan',
  summary: 'Read which plan is booked, and what is charged',
  action: 'usage.read',
  answers: { 200: { description: 'The plan.', content: { 'application/json': BookedPlan } } },
  refusals: MEMBER_REFUSALS,
});

export const PlanChange = z.strictObject({
  plan: z
    .string()
    .min(1)
    .max(64)
    .describe('The `plan_id` of one of GET /v1/billing/plans.')
    .meta({ examples: ['pay-as-you-go'] }),
});

export type PlanChange = z.output<typeof PlanChange>;

export const updatePlan = endpoint({
  ...common,
  method: 'PUT',
  path: '/v1/billing/plan',
  summary: 'Book a plan',
  description:
    'A plan that costs no less begins at once: the rest of the month is paid for from the wallet, by the day. A cheaper one begins with the next month. Sent again, it changes and charges nothing more.',
  action: 'billing.manage',
  request: { body: { 'application/json': PlanChange } },
  answers: { 200: { description: 'As it is now.', content: { 'application/json': BookedPlan } } },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS, 'account_suspended'],
});

export const PlanList = listOf(Plan);

export type PlanList = z.output<typeof PlanList>;

export const listPlans = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/plans',
  summary: 'List the plans that can be booked',
  description: 'All of them, in one page.',
  action: 'usage.read',
  answers: { 200: { description: 'The plans.', content: { 'application/json': PlanList } } },
  refusals: MEMBER_REFUSALS,
});

export const UpgradeHint = z.object({
  hint: z
    .object({
      recommend_plan: z
        .string()
        .describe('Its `plan_id`.')
        .meta({ examples: ['team'] }),
      savings_pct: z.int().min(1).max(100).describe('Rounded down.'),
      savings_usd: usd(),
      reason: z.string(),
    })
    .nullable()
    .describe('Null: no other plan would have saved as much as one per cent.'),
});

export type UpgradeHint = z.output<typeof UpgradeHint>;

export const readUpgradeHint = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/billing/upgrade-hint',
  summary: 'Ask whether another plan would save money',
  description:
    'What was used in the last 30 days is charged anew under every plan, with the fee of a month.',
  action: 'usage.read',
  answers: { 200: { description: 'The hint.', content: { 'application/json': UpgradeHint } } },
  refusals: MEMBER_REFUSALS,
});
