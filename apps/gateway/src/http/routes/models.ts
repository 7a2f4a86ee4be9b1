import { printPricePerMillion } from '@sealgate/contract';
import type { ApiKey } from '../../customers/keys/index.ts';
import { regionsOf, TIER_MODEL_IDS } from '../../inference/routing/index.ts';
import {
  unlistedModel,
  waysTo,
  type Catalogue,
  type HealthState,
  type Model,
  type TierName,
} from '../../inference/upstreams/index.ts';
import { Refusal } from '../../platform/refusal.ts';

type Entry = Readonly<Record<string, unknown>> & { readonly id: string };

/** What can be called, and how well that goes. */
export interface ModelServices {
  readonly catalogue: () => Catalogue;
  readonly healthOf: (model: Model) => HealthState;
}

/** Names of models that are not in the catalogue, by upstream. */
export type ListedModels = ReadonlyMap<string, readonly string[]>;

/** `GET /v1/models`: the tiers that have a model, then every model that this key may use. */
export function listModels(services: ModelServices, key: ApiKey, ofOwnKeys: ListedModels): object {
  const catalogue = services.catalogue();
  const wayTo = reachOf(key);
  const tiers = TIER_MODEL_IDS.filter((id) => catalogue.pools[tierOf(id)].some(wayTo)).map(
    printTier,
  );
  const unlisted = Array.from(ofOwnKeys, ([provider, names]) =>
    names.map((name) => `${provider}/${name}`),
  )
    .flat()
    .filter((id) => !catalogue.models.has(id))
    .flatMap((id) => unlistedModel(catalogue, id, key.ownKeys) ?? []);
  const models = [...catalogue.models.values(), ...unlisted]
    .flatMap((model) => wayTo(model) ?? [])
    .map((way) => printModel(way, services.healthOf(way)));
  const isAllowed = ({ id }: Entry): boolean => key.allowedModels?.has(id) ?? true;
  return { object: 'list', data: [...tiers, ...models].filter(isAllowed) };
}

/** `GET /v1/models/{id}`. Throws 404 for a model that is unknown or not this key's. */
export function retrieveModel(
  services: ModelServices,
  key: ApiKey,
  { id, ofOwnKeys }: { readonly id: string; readonly ofOwnKeys: ListedModels },
): object {
  const isAllowed = key.allowedModels?.has(id) ?? true;
  const catalogue = services.catalogue();
  const model =
    catalogue.models.get(id) ??
    (isListed(ofOwnKeys, id) ? unlistedModel(catalogue, id, key.ownKeys) : undefined);
  const way = isAllowed && model ? reachOf(key)(model) : undefined;
  if (way) return printModel(way, services.healthOf(way));
  if (isAllowed && TIER_MODEL_IDS.includes(id)) return printTier(id);
  throw new Refusal('model_not_found', { param: 'model' });
}

function isListed(ofOwnKeys: ListedModels, id: string): boolean {
  const end = id.indexOf('/');
  return ofOwnKeys.get(id.slice(0, end))?.includes(id.slice(end + 1)) === true;
}

/** By the key's geo policy and by the keys that the organization brings: how the model is asked first, if at all. */
function reachOf(key: ApiKey): (model: Model) => Model | undefined {
  const regions = regionsOf(key.geoPolicy);
  return (model) => {
    if (!regions.has(model.upstream.region)) return undefined;
    const ways = waysTo(model, key.ownKeys);
    return typeof ways === 'string' ? undefined : ways[0];
  };
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
      tier: upstream.owner ? 'byok' : 'passthrough',
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
