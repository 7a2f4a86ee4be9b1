import type { Features } from './features.ts';
import { QualityModel, type Prior, type QualityState, type Rating } from './quality-model.ts';

export interface RatedFeatures {
  readonly features: Features;
  readonly rating: Rating;
}

/** A few ratings are read several times over, up to this many readings. */
const MAX_READINGS = 8_000;
const MAX_PASSES = 8;
/** One order of reading is one opinion; the mean of some has half the noise. */
const ORDERS = 8;

/** Learns from all of a model's ratings at once, as after the loss of a snapshot. `random` is in [0, 1). */
export function fitModel(
  prior: Prior,
  ratings: readonly RatedFeatures[],
  random: () => number,
): QualityModel {
  const passes = Math.max(1, Math.min(MAX_PASSES, Math.round(MAX_READINGS / ratings.length)));
  const states = Array.from({ length: ORDERS }, () => readAll(prior, ratings, { passes, random }));
  return new QualityModel({
    prior,
    lessons: ratings.length,
    weights: mean(states.map(({ weights }) => weights)),
    // Reading a rating again tells nothing new.
    evidence: mean(states.map(({ evidence }) => evidence)).map((each) => each / passes),
  });
}

function readAll(
  prior: Prior,
  ratings: readonly RatedFeatures[],
  { passes, random }: { passes: number; random: () => number },
): QualityState {
  const model = QualityModel.fromPrior(prior);
  for (let pass = 0; pass < passes; pass += 1)
    for (const { features, rating } of shuffled(ratings, random)) model.learn(features, rating);
  return model.state();
}

function mean(arrays: readonly Float32Array[]): Float32Array {
  const total = new Float32Array(arrays[0]?.length ?? 0);
  for (const array of arrays)
    for (let at = 0; at < total.length; at += 1)
      total[at] = (total[at] ?? 0) + (array[at] ?? 0) / arrays.length;
  return total;
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
