/** A share, and the interval that holds the truth in 95 of 100 such cases. All are in [0, 1]. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Quantile of the normal distribution for 95 %. */
const Z95 = 1.959964;

/**
 * The score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 * Unlike the textbook’s it has a width when all votes are alike. `count` may be an effective number of votes.
 */
export function wilson(value: number, count: number): Estimate {
  const square = Z95 ** 2 / count;
  const centre = (value + square / 2) / (1 + square);
  const half =
    (Z95 / (1 + square)) * Math.sqrt((value * (1 - value)) / count + square / (4 * count));
  return {
    value,
    low: Math.min(value, within(centre - half)),
    high: Math.max(value, within(centre + half)),
  };
}

/** The interval of a mean. What lies beyond any possible reward is cut off. */
export function normal(value: number, standardError: number): Estimate {
  const half = Z95 * standardError;
  return { value: within(value), low: within(value - half), high: within(value + half) };
}

const within = (value: number): number => Math.min(1, Math.max(0, value));
