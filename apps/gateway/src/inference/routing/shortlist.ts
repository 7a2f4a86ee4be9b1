import type { Capability, Catalogue, Model, Region, Trust, Ways } from '../upstreams/index.ts';
import { blendedPrice } from './blended-price.ts';
import type { Intent } from './intent.ts';

/** What a model must offer to serve one request. All prices are pico-dollars per token. */
export interface Requirements {
  /** With whose keys a model may be asked. Everything below is asked of each way. */
  readonly waysTo: (model: Model) => Ways;
  /** A model that is not in the catalogue and may be named all the same. */
  readonly unlisted: (id: string) => Model | undefined;
  readonly capabilities: ReadonlySet<Capability>;
  readonly trusts: ReadonlySet<Trust>;
  /** Public model ids; `undefined`: every model. */
  readonly allowedModels: ReadonlySet<string> | undefined;
  /** Where the host may be. */
  readonly regions: ReadonlySet<Region>;
  readonly dataCollection: 'allow' | 'deny';
  readonly onlyUpstreams: readonly string[] | undefined;
  readonly ignoredUpstreams: readonly string[];
  /** Can anybody be charged for it? A model without a price is refused, not free. */
  readonly isPriced: (model: Model) => boolean;
  readonly maxInputPrice: bigint | undefined;
  readonly maxOutputPrice: bigint | undefined;
  /** Upper bound of what the request costs there, in nano-dollars; `undefined`: not asked for. */
  readonly maxTotal:
    | { readonly nano: bigint; readonly boundOf: (model: Model) => bigint }
    | undefined;
}

/** Why a model cannot serve. The order is the order of the checks; the last one reached is what the caller is told. */
export type Misfit =
  | 'unknown'
  | 'keyless'
  | 'not-allowed'
  | 'unusable-own-key'
  | 'geo'
  | 'trust'
  | 'upstream-excluded'
  | 'data-collection'
  | 'capability'
  | 'unpriced'
  | 'price';

export type Shortlist =
  | { readonly kind: 'found'; readonly models: readonly Model[] }
  | { readonly kind: 'none'; readonly misfit: Misfit };

const MISFITS: readonly Misfit[] = [
  'unknown',
  'keyless',
  'not-allowed',
  'unusable-own-key',
  'geo',
  'trust',
  'upstream-excluded',
  'data-collection',
  'capability',
  'unpriced',
  'price',
];

/** The models that can serve the intent; those of a tier by price, before `Router` looks at the request. Pure. */
export function shortlist(catalogue: Catalogue, intent: Intent, needs: Requirements): Shortlist {
  const models: Model[] = [];
  let furthest: Misfit = 'unknown';
  const note = (misfit: Misfit): void => {
    if (MISFITS.indexOf(misfit) > MISFITS.indexOf(furthest)) furthest = misfit;
  };
  for (const model of candidates(catalogue, intent, needs)) {
    const ways = isAllowed(model, needs) ? needs.waysTo(model) : 'not-allowed';
    if (typeof ways === 'string') {
      note(ways);
      continue;
    }
    for (const way of ways) {
      const misfit = misfitOf(way, needs);
      if (misfit === undefined) models.push(way);
      else note(misfit);
    }
  }
  if (models.length === 0) return { kind: 'none', misfit: furthest };
  return { kind: 'found', models: intent.kind === 'tier' ? rank(models, intent) : models };
}

function candidates(
  catalogue: Catalogue,
  intent: Intent,
  { unlisted }: Requirements,
): readonly Model[] {
  if (intent.kind === 'tier') return catalogue.pools[intent.tier];
  const listed = catalogue.models.get(intent.id) ?? catalogue.models.get(writtenId(intent));
  const model = listed ?? unlisted(intent.id);
  return model === undefined ? [] : [model];
}

/** A model whose own name ends like a preference, e.g. `ollama/llama3:fast`. */
const writtenId = (intent: Intent & { kind: 'model' }): string =>
  intent.preference === undefined ? intent.id : `${intent.id}:${intent.preference}`;

function misfitOf(model: Model, needs: Requirements): Misfit | undefined {
  const { upstream } = model;
  if (!needs.regions.has(upstream.region)) return 'geo';
  if (!needs.trusts.has(upstream.trust)) return 'trust';
  if (isExcluded(upstream.id, needs)) return 'upstream-excluded';
  if (needs.dataCollection === 'deny' && upstream.dataCollection === 'allow')
    return 'data-collection';
  if (!isCapable(model, needs)) return 'capability';
  if (!needs.isPriced(model)) return 'unpriced';
  return isTooExpensive(model, needs) ? 'price' : undefined;
}

const isAllowed = (model: Model, { allowedModels }: Requirements): boolean =>
  allowedModels?.has(model.id) ?? true;

const isExcluded = (upstreamId: string, needs: Requirements): boolean =>
  needs.ignoredUpstreams.includes(upstreamId) ||
  needs.onlyUpstreams?.includes(upstreamId) === false;

function isCapable(model: Model, needs: Requirements): boolean {
  for (const capability of needs.capabilities) {
    if (!model.capabilities.has(capability)) return false;
  }
  return true;
}

function isTooExpensive(model: Model, needs: Requirements): boolean {
  const { price } = model;
  const hasCeiling =
    needs.maxInputPrice !== undefined ||
    needs.maxOutputPrice !== undefined ||
    needs.maxTotal !== undefined;
  if (!hasCeiling) return false;
  if (price === undefined) return true;
  if (needs.maxInputPrice !== undefined && price.input > needs.maxInputPrice) return true;
  if (needs.maxOutputPrice !== undefined && price.output > needs.maxOutputPrice) return true;
  return needs.maxTotal !== undefined && needs.maxTotal.boundOf(model) > needs.maxTotal.nano;
}

/** Cheapest first, those without a price last; `:quality` turns the order round. */
function rank(models: readonly Model[], intent: Intent): readonly Model[] {
  const direction = intent.preference === 'quality' ? -1 : 1;
  return models.toSorted((a, b) => direction * compare(blendedPrice(a), blendedPrice(b)));
}

function compare(a: bigint | undefined, b: bigint | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}
