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

export type Signal = 'rated-good' | 'rated-bad' | 'regenerated';

/** What a signal teaches. What callers only do tells less than what they say; answers that never came count as health, not here. */
export const TEACHINGS: Readonly<Record<Signal, Rating>> = {
  'rated-good': { label: 1, weight: 1 },
  'rated-bad': { label: 0, weight: 1 },
  regenerated: { label: 0, weight: 0.3 },
};
