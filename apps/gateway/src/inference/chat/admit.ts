import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import {
  boundOf,
  tariffFor,
  type Generation,
  type PriceList,
  type Tariff,
} from '../../customers/billing/index.ts';
import type { ApiKey } from '../../customers/keys/index.ts';
import { newId } from '../../platform/ids.ts';
import { Refusal } from '../../platform/refusal.ts';
import {
  readIntent,
  regionsOf,
  shortlist,
  type Decision,
  type Intent,
  type Misfit,
  type Requirements,
} from '../routing/index.ts';
import { isSameWay, unlistedModel, waysTo, type Model, type Trust } from '../upstreams/index.ts';
import { boundsOf, type Bounds } from './bounds.ts';
import type { ChatRequest } from './chat-request.ts';
import { orderModels } from './order-models.ts';
import type { ChatServices } from './services.ts';

/** A way to a model that may serve the request, the wish of the caller that led to it, and what it may cost there. */
export interface Candidate {
  readonly model: Model;
  readonly intent: Intent;
  readonly tariff: Tariff;
  readonly bounds: Bounds;
}

/** A request that passed the gate. Everything billable starts with one of these. */
export interface Admission {
  readonly generationId: string;
  readonly key: ApiKey;
  readonly request: ChatRequest;
  readonly route: Generation['route'];
  readonly securityTier: Generation['securityTier'];
  /** Best first, no way twice. */
  readonly candidates: readonly Candidate[];
  /** What the router has decided; `undefined`: the caller has named the model. */
  readonly decision: Decision | undefined;
  /** The most that any of them can charge: to be set aside before one is asked. */
  readonly boundNano: NanoUsd;
  readonly startedAtMs: number;
}

export interface Applicant {
  readonly key: ApiKey;
  readonly request: ChatRequest;
  readonly route: Generation['route'];
  readonly securityTier?: Generation['securityTier'];
  /** Which upstreams may see the content. */
  readonly trusts: ReadonlySet<Trust>;
}

/** The one gate of every billable route. Throws the `Refusal` that tells why no model can serve. */
export function admit(services: ChatServices, applicant: Applicant): Admission {
  const { key, request } = applicant;
  const startedAtMs = services.clock();
  // One of each for all that follows, also if prices change meanwhile.
  const list = services.priceList(key.plan, startedAtMs);
  const catalogue = services.catalogue();
  const candidates: Candidate[] = [];
  const refusals: Refusal[] = [];
  let decision: Decision | undefined;
  for (const asked of request.modelsAsked) {
    const intent = readIntent(asked);
    const requirements = requirementsOf(services, applicant, { asked, intent, list });
    const found = shortlist(catalogue, intent, requirements);
    if (found.kind === 'none') {
      refusals.push(refusalOf(found.misfit, intent));
      continue;
    }
    const isFirst = asked === request.modelsAsked[0];
    const ordered = orderModels(services, applicant, { ...found, asked, intent, isFirst });
    if (isFirst) decision = ordered.decision;
    for (const model of ordered.models) {
      if (candidates.some((other) => isSameWay(other.model, model))) continue;
      candidates.push(candidateOf(services, request, { model, intent, list }));
    }
  }
  const [refusal] = refusals;
  if (candidates.length === 0 && refusal) throw refusal;
  return {
    generationId: newId('generation', startedAtMs),
    key,
    request,
    route: applicant.route,
    securityTier: applicant.securityTier,
    candidates,
    decision,
    boundNano: dearestOf(candidates),
    startedAtMs,
  };
}

interface Choice {
  readonly model: Model;
  readonly intent: Intent;
  readonly list: PriceList;
}

function candidateOf(
  services: ChatServices,
  request: ChatRequest,
  { list, ...choice }: Choice,
): Candidate {
  const tariff = tariffOf({ ...choice, list });
  if (tariff === undefined) throw new Error('impossible: a model without a price was shortlisted');
  const bounds = boundsOf(request, choice.model, services.defaultMaxOutputTokens);
  return { ...choice, tariff, bounds };
}

const tariffOf = ({ model, intent, list }: Choice): Tariff | undefined =>
  tariffFor(list, {
    tier: intent.kind === 'tier' ? intent.tier : undefined,
    price: model.price,
    isOwnKey: model.upstream.owner !== undefined,
  });

export const dearestOf = (candidates: readonly Candidate[]): NanoUsd =>
  candidates.reduce((most, { bounds, tariff }) => {
    const bound = boundOf(bounds.tokens, tariff);
    return bound > most ? bound : most;
  }, nanoUsd(0n));

function requirementsOf(
  services: ChatServices,
  { key, request, trusts }: Applicant,
  { asked, intent, list }: Omit<Choice, 'model'> & { readonly asked: string },
): Requirements {
  const { maxPrice, provider } = request;
  const isAliasAllowed = key.allowedModels?.has(asked) === true;
  return {
    waysTo: (model) => waysTo(model, key.ownKeys),
    unlisted: (id) => unlistedModel(services.catalogue(), id, key.ownKeys),
    capabilities: request.capabilities,
    trusts,
    allowedModels: isAliasAllowed ? undefined : key.allowedModels,
    regions: regionsOf(key.geoPolicy),
    dataCollection: provider.dataCollection,
    onlyUpstreams: provider.only,
    ignoredUpstreams: provider.ignore,
    isPriced: (model) => tariffOf({ model, intent, list }) !== undefined,
    maxInputPrice: maxPrice.prompt,
    maxOutputPrice: maxPrice.completion,
    maxTotal:
      maxPrice.total === undefined
        ? undefined
        : {
            nano: maxPrice.total,
            boundOf: (model) =>
              dearestOf([candidateOf(services, request, { model, intent, list })]),
          },
  };
}

/** Never echoes what was asked for: it may come out of a sealed request. */
function refusalOf(misfit: Misfit, intent: Intent): Refusal {
  const param = FIELDS_TO_CHANGE[misfit] ?? 'model';
  if ((misfit === 'unknown' || misfit === 'keyless') && intent.kind === 'tier') {
    const message =
      'No model is configured for this tier. Its operator can add one in sealgate.yaml.';
    return new Refusal('no_upstream_available', { param, message });
  }
  const [code, message] = MISFIT_ANSWERS[misfit];
  return new Refusal(code, { param, message });
}

const FIELDS_TO_CHANGE: Partial<Record<Misfit, string>> = {
  'upstream-excluded': 'provider',
  'data-collection': 'provider.data_collection',
  price: 'max_price',
};

/** `undefined` keeps the sentence of the refusal table. */
const MISFIT_ANSWERS = {
  unknown: ['model_not_found', undefined],
  keyless: [
    'model_not_found',
    'This model is served only to organizations that bring a key of their own for its provider. Store one: POST /v1/billing/provider-keys.',
  ],
  'not-allowed': ['model_not_allowed', undefined],
  'unusable-own-key': ['provider_key_unusable', undefined],
  geo: ['geo_policy_violation', undefined],
  trust: ['tier_not_allowed', undefined],
  'upstream-excluded': [
    'invalid_request_error',
    'The provider field leaves no upstream for this model. Allow more in provider.only or provider.ignore, or choose another model.',
  ],
  'data-collection': [
    'invalid_request_error',
    'No upstream of this model promises not to collect data, as provider.data_collection "deny" asks. Choose another model, or "allow" it.',
  ],
  capability: [
    'invalid_request_error',
    'This model cannot serve the request: it lacks tools, images or structured output, whichever you sent.',
  ],
  unpriced: [
    'model_not_allowed',
    'This model has no price, so that nobody can be charged for it. Its operator can set one in sealgate.yaml.',
  ],
  price: ['max_price_unsatisfiable', undefined],
} as const satisfies Record<Misfit, readonly [string, string | undefined]>;
