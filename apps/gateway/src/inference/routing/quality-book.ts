import { DriftWatch, type VoteSurprise } from './drift-watch.ts';
import {
  QualityModel,
  type Features,
  type Lesson,
  type Prior,
  type QualityState,
  type Rating,
} from './learning/index.ts';

/** What one entry of the log of lessons does to one model. */
export type Change =
  /** `vote`: missing where nobody has said anything. */
  | { readonly kind: 'learn'; readonly lesson: Lesson; readonly vote: VoteSurprise | undefined }
  | { readonly kind: 'undo'; readonly lesson: Lesson }
  /** The host has another version of the model. */
  | { readonly kind: 'reset' };

export interface Learned {
  readonly lesson: Lesson;
  readonly predicted: number;
  /** Votes have been worse than expected for a while. */
  readonly hasDrifted: boolean;
}

/** One model's page, to be stored and opened again. */
export interface BookPage {
  readonly modelId: string;
  readonly state: QualityState;
  readonly suspicion: number;
  readonly trustedFrom: number;
}

interface Page {
  readonly model: QualityModel;
  readonly drift: DriftWatch;
  /** Lessons before this one count for little: the model is tried again as if it were new. */
  readonly trustedFrom: number;
}

/**
 * What was learned of every model, by id. Whoever makes the same changes in the same order, and calls `pages` at the same
 * points, has the same book to the last bit. Where priors change in between, weights still agree, and evidence all but so.
 */
export class QualityBook {
  readonly #priorOf: (modelId: string) => Prior;
  #pages = new Map<string, Page>();

  constructor(priorOf: (modelId: string) => Prior) {
    this.#priorOf = priorOf;
  }

  /** The probability of a good answer of this model. */
  predict(modelId: string, features: Features): number {
    return this.#pages.has(modelId)
      ? this.#pageOf(modelId).model.predict(features)
      : this.#priorOf(modelId).mean;
  }

  /** How many ratings the prediction rests on. */
  ratingsOf(modelId: string): number {
    const page = this.#pages.get(modelId);
    return page === undefined ? 0 : Math.max(0, page.model.lessons - page.trustedFrom);
  }

  has(modelId: string): boolean {
    return this.#pages.has(modelId);
  }

  learn(modelId: string, features: Features, { rating, isVote }: Teaching): Learned {
    const page = this.#pageOf(modelId);
    const predicted = page.model.predict(features);
    const lesson = page.model.learn(features, rating);
    const vote = isVote ? { predicted, ...rating } : undefined;
    return { lesson, predicted, hasDrifted: this.#watch(modelId, vote) };
  }

  apply(modelId: string, change: Change): void {
    const page = this.#pageOf(modelId);
    switch (change.kind) {
      case 'learn':
        page.model.apply(change.lesson);
        this.#watch(modelId, change.vote);
        return;
      case 'undo':
        return page.model.undo(change.lesson);
      case 'reset': {
        const model = page.model.successor();
        const trustedFrom = model.lessons;
        this.#pages.set(modelId, { model, drift: new DriftWatch(), trustedFrom });
      }
    }
  }

  /** A copy of everything. */
  pages(): readonly BookPage[] {
    return Array.from(this.#pages, ([modelId, { model, drift, trustedFrom }]) => ({
      modelId,
      state: model.state(),
      suspicion: drift.suspicion,
      trustedFrom,
    }));
  }

  /** Forgets what it held. */
  open(pages: readonly BookPage[]): void {
    this.#pages = new Map(
      pages.map(({ modelId, state, suspicion, trustedFrom }) => {
        const model = new QualityModel(state);
        return [modelId, { model, drift: new DriftWatch(suspicion), trustedFrom }];
      }),
    );
  }

  /** With today's prior, whatever it was yesterday: the operator may think otherwise now, or discovery knows its price. */
  #pageOf(modelId: string): Page {
    const prior = this.#priorOf(modelId);
    const known = this.#pages.get(modelId);
    if (known !== undefined && isSame(known.model.prior, prior)) return known;
    const page =
      known === undefined
        ? { model: QualityModel.fromPrior(prior), drift: new DriftWatch(), trustedFrom: 0 }
        : { ...known, model: new QualityModel({ ...known.model.state(), prior }) };
    this.#pages.set(modelId, page);
    return page;
  }

  #watch(modelId: string, vote: VoteSurprise | undefined): boolean {
    const page = this.#pageOf(modelId);
    if (vote === undefined || !page.drift.note(vote)) return false;
    this.#pages.set(modelId, { ...page, trustedFrom: page.model.lessons });
    return true;
  }
}

export interface Teaching {
  readonly rating: Rating;
  /** Somebody has said it; everything else only suggests it. */
  readonly isVote: boolean;
}

const isSame = (one: Prior, other: Prior): boolean =>
  one.mean === other.mean && one.worth === other.worth;
