import type { DecidedOption, LoggedDecision } from '../../customers/decisions/index.ts';

/** A decision in which chance had a say, with known probabilities: only from such can other policies be judged. */
export interface Draw {
  readonly options: readonly DecidedOption[];
  readonly best: DecidedOption;
  readonly chosen: DecidedOption;
  /** Of the chosen model’s own answer; `undefined`: nobody voted, or another model answered. */
  readonly reward: 0 | 1 | undefined;
}

/**
 * `undefined`: nothing was drawn. Where the caller wants no experiments, where a conversation stays on its model and where
 * only one model could serve, the logged probability is 1 whatever the request was like: which of these decisions fit
 * another policy depends on what they are about, so their votes would tell of requests, not of models.
 */
export function drawOf({
  rules,
  reason,
  options,
  chosen,
  ...end
}: LoggedDecision): Draw | undefined {
  const isDrawn = reason === 'best' || reason === 'exploration';
  if (!isDrawn || !rules.explores || options.length < 2) return undefined;
  const drawn = options.find(({ model }) => model === chosen);
  if (drawn === undefined || drawn.probability <= 0) return undefined;
  const isOwnAnswer = end.modelUsed === chosen;
  const reward = end.rating === 1 ? 1 : 0;
  return {
    options,
    best: first(options, ({ utility }) => utility),
    chosen: drawn,
    reward: isOwnAnswer && end.rating !== undefined ? reward : undefined,
  };
}

/** The option of which there is most; the first of equals. */
export const first = (
  options: readonly DecidedOption[],
  merit: (option: DecidedOption) => number,
): DecidedOption => options.reduce((best, each) => (merit(each) > merit(best) ? each : best));
