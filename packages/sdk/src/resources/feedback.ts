import type { RequestOptions } from '../transport.ts';
import type { Answering } from './answering.ts';
import type { Calls } from './calls.ts';

/** The body of {@link FeedbackVotes.submit}. */
export interface NewFeedback {
  /** `nexevo.generation_id` of an answer, also in its header `X-Nexevo-Generation-Id`. */
  readonly generation_id: string;
  /** 1: good, -1: bad. */
  readonly rating: 1 | -1;
  /** At most 2000 characters. */
  readonly comment?: string | null | undefined;
  /** E.g. accurate, incorrect, too_verbose, irrelevant. */
  readonly tags?: readonly string[] | undefined;
}

/** The vote on a generation. */
export interface Feedback {
  feedback_id: string;
  generation_id: string;
  rating: 1 | -1;
  comment: string | null;
  tags: string[];
  /** RFC 3339. */
  created_at: string;
  /** When the vote that counts was given. */
  updated_at: string;
}

/** How many votes. */
export interface FeedbackTally {
  total: number;
  positive: number;
  negative: number;
}

/** The votes of some days. */
export interface FeedbackSummary extends FeedbackTally {
  /** Of the total; null without votes. */
  positive_pct: number | null;
  /** The hundred most frequent tags. */
  by_tag: Record<string, FeedbackTally>;
  by_model: Record<string, FeedbackTally>;
  by_tier: Record<'fast' | 'balanced' | 'passthrough' | 'byok', FeedbackTally>;
  /** Each day in UTC, the oldest first, today last. */
  daily: FeedbackDay[];
}

/** The votes of a day. */
export interface FeedbackDay extends FeedbackTally {
  /** In UTC, e.g. `2026-04-27`. */
  date: string;
}

/** `client.feedback`. */
export class FeedbackVotes {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Says whether a generation was good. Each generation has one vote; the latest wins. */
  submit(vote: NewFeedback, options?: RequestOptions): Answering<Feedback> {
    return this.#calls.post('/feedback', vote, options);
  }

  /** Counts the votes of the last days: today and the days before, 7 unless told. */
  summary(
    period: { readonly days?: number | undefined } = {},
    options?: RequestOptions,
  ): Answering<FeedbackSummary> {
    return this.#calls.get('/feedback/summary', options, period);
  }
}
