import { DENSE_SLOTS, DIMENSIONS, type Features } from './features.ts';
import { FIRST_FLAG } from './shape.ts';

/** What is believed of a model before anybody has rated it. */
export interface Prior {
  /** Expected quality, between 0 and 1. */
  readonly mean: number;
  /** The number of ratings that outweigh it. */
  readonly worth: number;
}

export interface Rating {
  /** 1: good, 0: bad; anything between is a soft verdict. */
  readonly label: number;
  readonly weight: number;
}

/**
 * What one rating changed. A model is its prior plus the sum of its lessons, so their order does not matter: processes
 * that exchange lessons end with the same model, and a lesson that is taken back leaves all others as they were.
 */
export interface Lesson {
  readonly features: Features;
  /** Added to the weights at the features' indexes. */
  readonly steps: Float32Array;
  /** How much the rating told, at most a quarter of its weight. */
  readonly curvature: number;
  /** How many lessons came before. */
  readonly at: number;
}

export interface QualityState {
  readonly prior: Prior;
  readonly lessons: number;
  readonly weights: Float32Array;
  /** What the ratings told about each weight, in units of precision. */
  readonly evidence: Float32Array;
}

/**
 * Precisions of the weights before any rating: how good a model is at each class of task may differ widely and is learned
 * at once; measured numbers and single words mean little until many ratings agree on them.
 */
const FLAG_PRECISION = 1;
const NUMBER_PRECISION = 2_000;
const GRAM_PRECISION = 20;

/** Confidence fades by this factor per rating, half of it after some 7,000: what drifts is learned anew. */
const RETENTION = 0.9999;
const MAX_LESSONS_PER_EPOCH = 16_384;
const MIN_CURVATURE = 0.02;
/** What a new version of a model inherits from the old one. */
const INHERITED_SHARE = 0.2;

/**
 * Predicts how good one upstream model's answer will be: logistic regression with a diagonal Gaussian over the weights.
 * Each coordinate's learning rate is one over its own evidence, as in AdaGrad, but in units that a prior can be stated in.
 */
export class QualityModel {
  readonly prior: Prior;
  readonly #weights: Float32Array;
  readonly #evidence: Float32Array;
  readonly #priorScore: number;
  readonly #interceptPrecision: number;
  #lessons: number;
  /** The number of lessons at which all evidence was last brought to the present. */
  #epoch: number;

  constructor(state: QualityState) {
    const { prior } = state;
    this.prior = prior;
    this.#weights = state.weights.slice();
    this.#evidence = state.evidence.slice();
    this.#lessons = state.lessons;
    this.#epoch = state.lessons;
    this.#priorScore = Math.log(prior.mean / (1 - prior.mean));
    this.#interceptPrecision = prior.worth * prior.mean * (1 - prior.mean);
  }

  static fromPrior(prior: Prior): QualityModel {
    const zeros = new Float32Array(DIMENSIONS);
    return new QualityModel({ prior, lessons: 0, weights: zeros, evidence: zeros });
  }

  /** Ratings learned from, those taken back not counted. */
  get lessons(): number {
    return this.#lessons;
  }

  /** The probability of a good answer. */
  predict(features: Features): number {
    return probabilityOf(this.#scoreOf(features));
  }

  /** Learns from a rating. Keep the lesson to undo it, or to teach the same to other processes. */
  learn(features: Features, rating: Rating): Lesson {
    const { indexes, values } = features;
    const precisions = this.#precisionsAt(indexes);
    let variance = 0;
    for (let at = 0; at < indexes.length; at += 1)
      variance += (values[at] ?? 0) ** 2 / (precisions[at] ?? 1);
    const predicted = probabilityOf(this.#scoreOf(features));
    const curvature = rating.weight * Math.max(MIN_CURVATURE, predicted * (1 - predicted));
    const gain = (rating.weight * (rating.label - predicted)) / (1 + curvature * variance);
    const steps = values.map((value, at) => (gain * value) / (precisions[at] ?? 1));
    const lesson = { features, steps, curvature, at: this.#lessons };
    this.apply(lesson);
    return lesson;
  }

  /** Adds what another process learned. */
  apply(lesson: Lesson): void {
    this.#add(lesson, 1);
    this.#lessons += 1;
    if (this.#lessons - this.#epoch > MAX_LESSONS_PER_EPOCH) this.#startEpoch();
  }

  undo(lesson: Lesson): void {
    this.#add(lesson, -1);
    this.#lessons -= 1;
  }

  /** The model to start from when the upstream changes its version. */
  successor(): QualityModel {
    const inherit = (numbers: Float32Array): Float32Array =>
      numbers.map((number) => number * INHERITED_SHARE);
    const state = this.state();
    return new QualityModel({
      ...state,
      weights: inherit(state.weights),
      evidence: inherit(state.evidence),
    });
  }

  /** A copy of everything, to be stored. */
  state(): QualityState {
    this.#startEpoch();
    return {
      prior: this.prior,
      lessons: this.#lessons,
      weights: this.#weights.slice(),
      evidence: this.#evidence.slice(),
    };
  }

  #scoreOf({ indexes, values }: Features): number {
    const weights = this.#weights;
    let score = this.#priorScore;
    for (let at = 0; at < indexes.length; at += 1)
      score += (values[at] ?? 0) * (weights[indexes[at] ?? 0] ?? 0);
    return score;
  }

  #precisionsAt(indexes: Uint16Array): Float32Array {
    const fade = RETENTION ** (this.#lessons - this.#epoch);
    const precisions = new Float32Array(indexes.length);
    for (let at = 0; at < indexes.length; at += 1) {
      const index = indexes[at] ?? 0;
      const evidence = Math.max(0, this.#evidence[index] ?? 0) * fade;
      precisions[at] = evidence + this.#priorPrecision(index);
    }
    return precisions;
  }

  #priorPrecision(index: number): number {
    if (index >= DENSE_SLOTS) return GRAM_PRECISION;
    if (index >= FIRST_FLAG) return FLAG_PRECISION;
    return index === 0 ? this.#interceptPrecision : NUMBER_PRECISION;
  }

  #add(lesson: Lesson, sign: 1 | -1): void {
    const { indexes, values } = lesson.features;
    // Evidence is kept in units of the epoch, so that all of it fades by one shared factor.
    const growth = sign * lesson.curvature * RETENTION ** (this.#epoch - lesson.at);
    for (let at = 0; at < indexes.length; at += 1) {
      const index = indexes[at] ?? 0;
      this.#weights[index] = (this.#weights[index] ?? 0) + sign * (lesson.steps[at] ?? 0);
      this.#evidence[index] = (this.#evidence[index] ?? 0) + growth * (values[at] ?? 0) ** 2;
    }
  }

  #startEpoch(): void {
    const fade = RETENTION ** (this.#lessons - this.#epoch);
    for (const [index, evidence] of this.#evidence.entries())
      this.#evidence[index] = evidence * fade;
    this.#epoch = this.#lessons;
  }
}

const probabilityOf = (score: number): number => 1 / (1 + Math.exp(-score));
