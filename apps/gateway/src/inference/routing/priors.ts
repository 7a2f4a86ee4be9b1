import type { Catalogue, Model } from '../upstreams/index.ts';
import { blendedPrice } from './blended-price.ts';
import type { Prior } from './learning/index.ts';

/** Ratings that outweigh what is believed before. */
const WORTH = 20;
/** What price alone lets us expect: of the cheapest, of the dearest, and where there is nothing to compare with. */
const CHEAPEST = 0.6;
const DEAREST = 0.8;
const ANY = 0.7;
/** Nothing is certain before it was tried. */
const LEAST = 0.02;
const MOST = 0.98;

const known = new WeakMap<Catalogue, ReadonlyMap<string, Prior>>();

/** What to expect of a model before anybody has rated it: what the operator says, else what its rank by price lets us. */
export function priorOf(catalogue: Catalogue, modelId: string): Prior {
  const priors = known.get(catalogue) ?? priorsIn(catalogue);
  known.set(catalogue, priors);
  return priors.get(modelId) ?? { mean: ANY, worth: WORTH };
}

function priorsIn({ models }: Catalogue): ReadonlyMap<string, Prior> {
  const all = [...models.values()];
  const prices = [
    ...new Set(all.filter(isChat).flatMap((model) => blendedPrice(model) ?? [])),
  ].toSorted((one, other) => (one < other ? -1 : 1));
  return new Map(
    all.map((model) => [model.id, { mean: meanOf(model, prices), worth: WORTH }] as const),
  );
}

const isChat = ({ capabilities }: Model): boolean => capabilities.has('chat');

function meanOf(model: Model, prices: readonly bigint[]): number {
  if (model.quality !== undefined) return Math.min(MOST, Math.max(LEAST, model.quality));
  const price = blendedPrice(model);
  // What runs on the operator's own machines costs nothing, however good it is.
  const rank = price === undefined || price === 0n ? -1 : prices.indexOf(price);
  if (rank < 0 || prices.length < 2) return ANY;
  return CHEAPEST + ((DEAREST - CHEAPEST) * rank) / (prices.length - 1);
}
