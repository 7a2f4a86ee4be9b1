import type { Price } from '../../customers/billing/index.ts';
import type { Model, Outlook } from '../upstreams/index.ts';
import type { AnswerMeans } from './answer-means.ts';
import type { Candidate, Features } from './learning/index.ts';
import type { QualityBook } from './quality-book.ts';
import type { RoutingRequest } from './request.ts';

/** A model that may serve a request, and what is expected of it there. */
export interface Prospect {
  readonly model: Model;
  readonly candidate: Candidate;
  /** Can it be asked now, and does the request fit into it? */
  readonly isReady: boolean;
}

/** What the router has seen of all models. */
export interface Experience {
  readonly book: QualityBook;
  readonly outlookOf: (model: Model, isStream: boolean) => Outlook;
  readonly answers: AnswerMeans;
}

/** Models that may serve one request, in their order. */
export function prospectsOf(
  models: readonly Model[],
  experience: Experience,
  { request, features }: { readonly request: RoutingRequest; readonly features: Features },
): readonly Prospect[] {
  const { outputTokens, emptiness } = experience.answers.of(request.organizationId);
  const seen = models.map((model) => ({
    model,
    outlook: experience.outlookOf(model, request.isStream),
    usdPer1000: costOf(model, request, outputTokens.of(model.id)),
  }));
  const latencyMs = meanOf(seen.map(({ outlook }) => outlook.typicalMs));
  const dearest = Math.max(0, ...seen.map(({ usdPer1000 }) => usdPer1000 ?? 0));
  return seen.map(({ model, outlook, usdPer1000 }) => ({
    model,
    isReady: outlook.isOpen && fits(model, request),
    candidate: {
      id: model.id,
      quality:
        experience.book.predict(model.id, features) * comesOf(outlook, emptiness.of(model.id)),
      // What nobody knows counts like the others, and what has no price like the dearest.
      usdPer1000: usdPer1000 ?? dearest,
      latencyMs: outlook.typicalMs ?? latencyMs,
      ratings: experience.book.ratingsOf(model.id),
    },
  }));
}

/** The probability of an answer that says something: one that never comes, or is empty, is no good one. */
const comesOf = ({ failureRisk }: Outlook, emptiness: number): number =>
  (1 - failureRisk) * (1 - emptiness);

function costOf(
  { price }: Model,
  { inputTokens, maxOutputTokens = Infinity, choiceCount }: RoutingRequest,
  outputTokens: number,
): number | undefined {
  if (price === undefined) return undefined;
  const { input, output } = usdPerTokenOf(price);
  const answered = Math.min(maxOutputTokens, outputTokens * choiceCount);
  return 1_000 * (inputTokens * input + answered * output);
}

function fits({ contextLength }: Model, { inputTokens }: RoutingRequest): boolean {
  return contextLength === undefined || inputTokens <= contextLength;
}

const USD_PER_PICO = 1e-12;
const prices = new WeakMap<Price, { readonly input: number; readonly output: number }>();

/** For estimates only: what is charged is counted in whole nano-dollars elsewhere. */
function usdPerTokenOf(price: Price): { readonly input: number; readonly output: number } {
  const known = prices.get(price);
  if (known !== undefined) return known;
  const usd = {
    input: Number(price.input) * USD_PER_PICO,
    output: Number(price.output) * USD_PER_PICO,
  };
  prices.set(price, usd);
  return usd;
}

/** Of those that are known; 0 when none is. */
function meanOf(values: readonly (number | undefined)[]): number {
  let total = 0;
  let count = 0;
  for (const value of values) {
    if (value === undefined) continue;
    total += value;
    count += 1;
  }
  return count === 0 ? 0 : total / count;
}
