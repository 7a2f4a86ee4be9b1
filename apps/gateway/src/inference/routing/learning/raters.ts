import type { Rating } from './quality-model.ts';

/** What a rater has done so far; today is the caller's calendar day. */
export interface RaterHistory {
  /** Ratings that this user ever gave, for generations other than this one. */
  readonly ratingsByUser: number;
  readonly ratingsTodayByUser: number;
  readonly ratingsTodayByKey: number;
  /** No other organization has a key here, and nobody else has rated anything. */
  readonly isAlone: boolean;
}

const MAX_PER_USER_AND_DAY = 100;
const MAX_PER_KEY_AND_DAY = 500;

/**
 * What one more rating by this user weighs. The n-th counts 1/sqrt(n): a hundred ratings weigh as much as nineteen single
 * ones, so whoever rates most does not steer the router. Who is alone has nobody else to steer.
 */
export function raterWeight(history: RaterHistory): number {
  if (history.isAlone) return 1;
  const isOverCap =
    history.ratingsTodayByUser >= MAX_PER_USER_AND_DAY ||
    history.ratingsTodayByKey >= MAX_PER_KEY_AND_DAY;
  return isOverCap ? 0 : 1 / Math.sqrt(history.ratingsByUser + 1);
}

export type Signal =
  | 'rated-good'
  | 'rated-bad'
  | 'regenerated'
  | 'copied'
  | 'continued'
  | 'failed'
  | 'timed-out'
  | 'empty'
  | 'refused';

/** What a signal teaches: how good the model's answers are, or how well its upstream is. */
export type Teaching =
  | { readonly kind: 'quality'; readonly rating: Rating }
  | { readonly kind: 'health'; readonly rating: Rating };

const bad: Rating = { label: 0, weight: 1 };

/** An answer that never came says nothing about the answers that do: it counts against health alone. */
export const TEACHINGS: Readonly<Record<Signal, Teaching>> = {
  'rated-good': { kind: 'quality', rating: { label: 1, weight: 1 } },
  'rated-bad': { kind: 'quality', rating: bad },
  regenerated: { kind: 'quality', rating: { label: 0, weight: 0.3 } },
  copied: { kind: 'quality', rating: { label: 1, weight: 0.1 } },
  continued: { kind: 'quality', rating: { label: 1, weight: 0.1 } },
  failed: { kind: 'health', rating: bad },
  'timed-out': { kind: 'health', rating: bad },
  empty: { kind: 'health', rating: bad },
  refused: { kind: 'health', rating: bad },
};
