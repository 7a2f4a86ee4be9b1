import { z } from 'zod';
import { CREATION_REFUSALS, endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { id, time } from './values.ts';

const rating = z.literal([1, -1]).describe('1: good, -1: bad.');

export const NewFeedback = z.strictObject({
  generation_id: z
    .string()
    .max(100)
    .describe('From the header X-Nexevo-Generation-Id or `nexevo.generation_id` of the answer.'),
  rating,
  comment: z.string().trim().max(2000).nullable().optional(),
  tags: z
    .array(z.string().trim().min(1).max(50))
    .max(20)
    .optional()
    .describe('E.g. accurate, incorrect, too_verbose, irrelevant.'),
});

export type NewFeedback = z.output<typeof NewFeedback>;

export const Feedback = z.object({
  feedback_id: id('fb'),
  generation_id: id('gen'),
  rating,
  comment: z.string().nullable(),
  tags: z.array(z.string()),
  created_at: time(),
  updated_at: time().describe('When the vote that counts was given.'),
});

export type Feedback = z.output<typeof Feedback>;

export const FeedbackTally = z.object({
  total: z.int(),
  positive: z.int(),
  negative: z.int(),
});

export type FeedbackTally = z.output<typeof FeedbackTally>;

export const FeedbackSummary = FeedbackTally.extend({
  positive_pct: z.number().nullable().describe('Of the total; null without votes.'),
  by_tag: z.record(z.string(), FeedbackTally).describe('The hundred most frequent tags.'),
  by_model: z.record(z.string(), FeedbackTally),
  by_tier: z.record(z.enum(['fast', 'balanced', 'passthrough', 'byok']), FeedbackTally),
  daily: z
    .array(FeedbackTally.extend({ date: z.iso.date() }))
    .describe('Each day in UTC, the oldest first, today last.'),
});

export type FeedbackSummary = z.output<typeof FeedbackSummary>;

const SummaryQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(366).default(7).describe('Today and the days before.'),
});

const common = { tag: 'feedback', caller: 'member', action: 'feedback.give' } as const;

export const submitFeedback = endpoint({
  ...common,
  method: 'POST',
  path: '/v1/feedback',
  summary: 'Say whether a generation was good',
  description: 'Each generation has one vote; the latest wins as a whole.',
  request: { body: { 'application/json': NewFeedback } },
  answers: { 201: { description: 'The vote counts.', content: { 'application/json': Feedback } } },
  refusals: [...MEMBER_REFUSALS, ...CREATION_REFUSALS],
});

export const summarizeFeedback = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/feedback/summary',
  summary: 'Count the votes of the last days',
  request: { query: SummaryQuery },
  answers: {
    200: { description: 'The votes.', content: { 'application/json': FeedbackSummary } },
  },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});
