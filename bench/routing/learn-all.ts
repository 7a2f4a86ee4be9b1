import {
  fitModel,
  type Features,
  type Prior,
  type QualityModel,
} from '../../apps/gateway/src/inference/routing/learning/index.ts';
import { randomFrom } from './random.ts';

export interface Labelled {
  readonly features: Features;
  readonly quality: readonly number[];
}

export const NO_PRIOR: Prior = { mean: 0.5, worth: 4 };

/** Learns offline, from rows where every model's outcome is known. All models read the rows in the same orders. */
export function learnAll(rows: readonly Labelled[], seed: number): readonly QualityModel[] {
  return (rows[0]?.quality ?? []).map((_, at) => {
    const ratings = rows.map(({ features, quality }) => ({
      features,
      rating: { label: quality[at] ?? 0, weight: 1 },
    }));
    return fitModel(NO_PRIOR, ratings, randomFrom(seed));
  });
}
