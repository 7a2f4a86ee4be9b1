import { printPricePerMillion } from '@sealgate/contract';
import type { ApiKey } from '../../customers/keys/index.ts';
import { regionsOf, TIER_MODEL_IDS } from '../../inference/routing/index.ts';
import type { Catalogue, HealthState, Model, TierName } from '../../inference/upstreams/index.ts';
import { Refusal } from '../../platform/refusal.ts';

type Entry = Readonly<Record<string, unknown>> & { readonly id: string };

/** What can be called, and how well that goes. */
export interface ModelServices {
  readonly catalogue: () => Catalogue;
  readonly healthOf: (modelId: string) => HealthState;
}

/** `GET /v1/models`: the tiers that have a model, then every model that this key may use. */
export function listModels(services: ModelServices, key: ApiKey): object {
  const catalogue = services.catalogue();
  const isInReach = reachOf(key);
  const tiers = TIER_MODEL_IDS.filter((id) => catalogue.pools[tierOf(id)].some(isInReach)).map(
    printTier,
  );
  const models = Array.from(catalogue.models.values())
    .filter(isInReach)
    .map((model) => printModel(model, services.healthOf(model.id)));
  const isAllowed = ({ id }: Entry): boolean => key.allowedModels?.has(id) ?? true;
  return { object: 'list', data: [...tiers, ...models].filter(isAllowed) };
}

/** `GET /v1/models/{id}`. Throws 404 for a model that is unknown or not this key's. */
export function retrieveModel(services: ModelServices, key: ApiKey, id: string): object {
  const isAllowed = key.allowedModels?.has(id) ?? true;
  const model = services.catalogue().models.get(id);
  if (isAllowed && model && reachOf(key)(model)) return printModel(model, services.healthOf(id));
  if (isAllowed && TIER_MODEL_IDS.includes(id)) return printTier(id);
  throw new Refusal('model_not_found', { param: 'model' });
}

/** By the key's geo policy. */
function reachOf(key: ApiKey): (model: Model) => boolean {
  const regions = regionsOf(key.geoPolicy);
  return ({ upstream }) => regions.has(upstream.region);
}

const tierOf = (id: string): TierName => id.slice(id.indexOf('/') + 1) as TierName;

const printTier = (id: string): Entry => ({
  id,
  object: 'model',
  created: 0,
  owned_by: 'sealgate',
  nexevo: { tier: tierOf(id) },
});

function printModel(model: Model, health: HealthState): Entry {
  const { upstream, price } = model;
  return {
    id: model.id,
    object: 'model',
    created: 0,
    owned_by: upstream.id,
    nexevo: {
      tier: 'passthrough',
      region: upstream.region,
      trust: upstream.trust,
      context_length: model.contextLength ?? null,
      max_output_tokens: model.maxOutputTokens ?? null,
      pricing: price
        ? {
            prompt: printPricePerMillion(price.input),
            completion: printPricePerMillion(price.output),
          }
        : null,
      capabilities: [...model.capabilities],
      data_collection: upstream.dataCollection,
      health,
    },
  };
}
