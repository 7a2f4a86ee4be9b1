import { sum } from './arithmetic.ts';

/** A decision as it was logged, with its rating if there is one. */
export interface LoggedDecision {
  readonly options: readonly LoggedOption[];
  readonly chosen: string;
  /** Between 0 and 1; `undefined`: nobody rated it. */
  readonly rating: number | undefined;
}

export interface LoggedOption {
  readonly id: string;
  /** With which the router drew it. */
  readonly probability: number;
  /** Predicted then. */
  readonly quality: number;
}

/** The probabilities that another policy gives to the options of a logged decision, in their order. */
export type Policy<D extends LoggedDecision = LoggedDecision> = (decision: D) => readonly number[];

export interface Estimate {
  readonly value: number;
  /** 95 %. */
  readonly low: number;
  readonly high: number;
}

export interface PolicyValue {
  /** From ratings alone: each counts by how much likelier the policy was to choose what was rated. */
  readonly selfNormalised: Estimate | undefined;
  /** Predictions for every decision, corrected by the ratings: steadier when few ratings fit the policy. */
  readonly doublyRobust: Estimate | undefined;
  readonly rated: number;
  /** Ratings of equal weight that would tell as much; below some 100 the intervals are not to be trusted. */
  readonly effectiveRatings: number;
}

/** Keeps one lucky draw from ruling the estimate, at the price of a small bias. */
const MAX_WEIGHT = 100;
const Z95 = 1.96;

/** What a policy would have been worth on the logged traffic. */
export function policyValue<D extends LoggedDecision>(
  log: readonly D[],
  policy: Policy<D>,
): PolicyValue {
  const judged = log.map((decision) => judge(decision, policy(decision)));
  const rated = judged.filter((each) => each.rating !== undefined);
  const weights = rated.map(({ weight }) => weight);
  const total = sum(weights);
  const squares = sum(weights.map((weight) => weight ** 2));
  return {
    selfNormalised: total === 0 ? undefined : weightedMean(rated, ({ rating }) => rating ?? 0),
    doublyRobust: total === 0 ? undefined : doublyRobust(judged, rated),
    rated: rated.length,
    effectiveRatings: squares === 0 ? 0 : total ** 2 / squares,
  };
}

/** Always the same model; where it was not in the shortlist, whatever was chosen. */
export function always(id: string): Policy {
  return ({ options, chosen }) => {
    const target = options.some((option) => option.id === id) ? id : chosen;
    return options.map((option) => (option.id === target ? 1 : 0));
  };
}

/** The policy that was in force. */
export const current: Policy = ({ options }) => options.map(({ probability }) => probability);

interface Judged {
  readonly rating: number | undefined;
  /** Importance of the chosen option under the policy. */
  readonly weight: number;
  /** Predicted quality of the chosen option, and of what the policy would have chosen. */
  readonly predicted: number;
  readonly expected: number;
}

function judge(decision: LoggedDecision, probabilities: readonly number[]): Judged {
  const { options, chosen, rating } = decision;
  const at = options.findIndex(({ id }) => id === chosen);
  const logged = options[at];
  const weight = logged === undefined ? 0 : (probabilities[at] ?? 0) / logged.probability;
  return {
    rating,
    weight: Number.isFinite(weight) ? Math.min(weight, MAX_WEIGHT) : 0,
    predicted: logged?.quality ?? 0,
    expected: sum(options.map(({ quality }, index) => quality * (probabilities[index] ?? 0))),
  };
}

function doublyRobust(all: readonly Judged[], rated: readonly Judged[]): Estimate {
  const expected = weightedMean(
    all.map((each) => ({ ...each, weight: 1 })),
    (each) => each.expected,
  );
  const correction = weightedMean(rated, (each) => (each.rating ?? 0) - each.predicted);
  const half = Math.hypot(expected.high - expected.value, correction.high - correction.value);
  const value = expected.value + correction.value;
  return { value, low: value - half, high: value + half };
}

/** The mean with its interval by the delta method. */
function weightedMean(judged: readonly Judged[], of: (each: Judged) => number): Estimate {
  const total = sum(judged.map(({ weight }) => weight));
  const value = sum(judged.map((each) => each.weight * of(each))) / total;
  const squares = sum(judged.map((each) => (each.weight * (of(each) - value)) ** 2));
  const half = (Z95 * Math.sqrt(squares)) / total;
  return { value, low: value - half, high: value + half };
}
