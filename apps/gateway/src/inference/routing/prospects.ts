import type { Price } from '../../customers/billing/index.ts';
import type { Model, Outlook } from '../upstreams/index.ts';
import type { Candidate, Features } from './learning/index.ts';
import type { QualityBook } from './quality-book.ts';
import type { RoutingRequest } from './request.ts';
import type { RunningMeans } from './running-means.ts';

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
  /** Of one answer, by `meanId`. */
  readonly outputTokens: RunningMeans;
  /** Share of good answers that said nothing, likewise. */
  readonly emptiness: RunningMeans;
}

/** One organization's answers of one model: a caller can make a model silent or brief, and must not do it to others. */
export const meanId = (organizationId: string, modelId: string): string =>
  `${organizationId} ${modelId}`;

/** Models that may serve one request, in their order. */
export function prospectsOf(
  models: readonly Model[],
  experience: Experience,
  { request, features }: { readonly request: RoutingRequest; readonly features: Features },
): readonly Prospect[] {
  const seen = models.map((model) => ({
    model,
    outlook: experience.outlookOf(model, request.isStream),
    usdPer1000: costOf(model, experience, request),
  }));
  const latencyMs = meanOf(seen.map(({ outlook }) => outlook.typicalMs));
  const dearest = Math.max(0, ...seen.map(({ usdPer1000 }) => usdPer1000 ?? 0));
  return seen.map(({ model, outlook, usdPer1000 }) => ({
    model,
    isReady: outlook.isOpen && fits(model, request),
    candidate: {
      id: model.id,
      quality: qualityOf(model, outlook, { experience, request, features }),
      // What nobody knows counts like the others, and what has no price like the dearest.
      usdPer1000: usdPer1000 ?? dearest,
      latencyMs: outlook.typicalMs ?? latencyMs,
      ratings: experience.book.ratingsOf(model.id),
    },
  }));
}

interface Known {
  readonly experience: Experience;
  readonly request: RoutingRequest;
  readonly features: Features;
}

/** An answer that never comes, or says nothing, is no good one. */
function qualityOf(
  { id }: Model,
  { failureRisk }: Outlook,
  { experience, request, features }: Known,
): number {
  const emptiness = experience.emptiness.of(meanId(request.organizationId, id));
  const comes = (1 - failureRisk) * (1 - emptiness);
  return experience.book.predict(id, features) * comes;
}

function costOf(
  { id, price }: Model,
  { outputTokens }: Experience,
  { organizationId, inputTokens, maxOutputTokens = Infinity, choiceCount }: RoutingRequest,
): number | undefined {
  if (price === undefined) return undefined;
  const { input, output } = usdPerTokenOf(price);
  const answered = Math.min(
    maxOutputTokens,
    outputTokens.of(meanId(organizationId, id)) * choiceCount,
  );
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
