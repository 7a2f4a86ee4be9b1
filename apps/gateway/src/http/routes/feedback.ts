import {
  ENDPOINTS,
  type Feedback as PrintedFeedback,
  type FeedbackTally,
} from '@sealgate/contract';
import {
  submitFeedback,
  summarizeFeedback,
  type FeedbackSummary,
  type Tally,
  type Vote,
} from '../../customers/feedback/index.ts';
import type { AddRoute } from '../platform/add-route.ts';

export function addFeedbackRoutes(addRoute: AddRoute, flushUsage: () => Promise<void>): void {
  addRoute(ENDPOINTS.submitFeedback, async (ctx, { body: { generation_id, ...vote } }) =>
    printFeedback(
      await submitFeedback({ ...ctx, flushUsage }, { generationId: generation_id, ...vote }),
    ),
  );
  addRoute(ENDPOINTS.summarizeFeedback, async (ctx, { query }) =>
    printSummary(await summarizeFeedback(ctx, query)),
  );
}

export const printFeedback = (vote: Vote): PrintedFeedback => ({
  feedback_id: vote.id,
  generation_id: vote.generationId,
  rating: vote.rating,
  comment: vote.comment,
  tags: vote.tags,
  created_at: vote.createdAt.toISOString(),
  updated_at: vote.updatedAt.toISOString(),
});

function printSummary({ total, positive, byTag, byModel, byTier, daily }: FeedbackSummary) {
  return {
    ...printTally({ total, positive }),
    positive_pct: total === 0 ? null : Math.round((positive / total) * 1000) / 10,
    by_tag: printTallies(byTag),
    by_model: printTallies(byModel),
    by_tier: tallyByTier(byTier),
    daily: [...daily].map(([date, { total: all, positive: good }]) => ({
      date,
      total: all,
      positive: good,
      negative: all - good,
    })),
  };
}

const printTally = ({ total, positive }: Tally): FeedbackTally => ({
  total,
  positive,
  negative: total - positive,
});

const printTallies = (tallies: ReadonlyMap<string, Tally>): Record<string, FeedbackTally> =>
  Object.fromEntries([...tallies].map(([name, tally]) => [name, printTally(tally)]));

function tallyByTier(tallies: ReadonlyMap<string, Tally>) {
  const of = (tier: string): FeedbackTally =>
    printTally(tallies.get(tier) ?? { total: 0, positive: 0 });
  return {
    fast: of('fast'),
    balanced: of('balanced'),
    passthrough: of('passthrough'),
    byok: of('byok'),
  };
}
