import { picoUsdPerToken } from '@sealgate/contract';
import { completePrice } from '../../customers/billing/index.ts';
import type { Catalogue, TierName } from './catalogue.ts';
import type { ModelDefinition, UpstreamDefinition } from './definition.ts';
import { knownModel } from './known-models.ts';
import type { Capability, Model, Upstream } from './model.ts';

/** Model ids of each tier as the operator listed them. */
export type Tiers = Readonly<Partial<Record<TierName, readonly string[] | undefined>>>;

export interface CatalogueSources {
  /** Of two with the same id the first one counts: the operator's own come first. */
  readonly definitions: readonly UpstreamDefinition[];
  readonly tiers: Tiers;
}

/** The bundled tiny models: the last resort of every default pool. */
export const BUNDLED_UPSTREAM_ID = 'local';

const FREE = completePrice({ input: picoUsdPerToken(0n), output: picoUsdPerToken(0n) });
/** What a model of unknown abilities may be asked; its host refuses the rest itself. */
const UNKNOWN_ABILITIES: readonly Capability[] = ['chat', 'tools', 'vision', 'structured-output'];

export function buildCatalogue({ definitions, tiers }: CatalogueSources): Catalogue {
  const upstreams = new Map<string, Upstream>();
  const models = new Map<string, Model>();
  for (const { upstream, models: defined } of definitions) {
    if (upstreams.has(upstream.id)) continue;
    upstreams.set(upstream.id, upstream);
    for (const definition of defined ?? []) {
      const model = modelOf(upstream, definition);
      models.set(model.id, model);
    }
  }
  return { upstreams, models, pools: poolsOf(models, tiers) };
}

export function modelOf(upstream: Upstream, definition: ModelDefinition): Model {
  const { name, id = name } = definition;
  const known: Partial<ModelDefinition> = knownModel(upstream.baseUrl, name) ?? {};
  return {
    id: `${upstream.id}/${id}`,
    upstream,
    upstreamModel: name,
    // What runs on this machine has no list price.
    price: definition.price ?? known.price ?? (upstream.trust === 'local' ? FREE : undefined),
    contextLength: definition.contextLength ?? known.contextLength,
    maxOutputTokens: definition.maxOutputTokens ?? known.maxOutputTokens,
    defaultMaxOutputTokens: definition.defaultMaxOutputTokens,
    capabilities: new Set(definition.capabilities ?? known.capabilities ?? UNKNOWN_ABILITIES),
  };
}

function poolsOf(models: ReadonlyMap<string, Model>, tiers: Tiers): Catalogue['pools'] {
  const defaults = allDefaultPools([...models.values()]);
  const pool = (tier: TierName): readonly Model[] =>
    tiers[tier]?.flatMap((id) => models.get(id) ?? []) ?? defaults[tier];
  return { fast: pool('fast'), balanced: pool('balanced'), auto: pool('auto') };
}

/**
 * What only organizations' own keys reach stands in pools of its own behind the others, provider by provider: for everybody
 * else they are as if it were not there.
 */
function allDefaultPools(models: readonly Model[]): Catalogue['pools'] {
  const isForOwners = ({ upstream }: Model): boolean => upstream.ownKeys?.isNeeded === true;
  const ofOwners = models.filter(isForOwners);
  const providers = new Set(ofOwners.map(({ upstream }) => upstream));
  const pools = [
    defaultPools(models.filter((model) => !isForOwners(model))),
    ...[...providers].map((provider) =>
      defaultPools(ofOwners.filter(({ upstream }) => upstream === provider)),
    ),
  ];
  return {
    fast: pools.flatMap(({ fast }) => fast),
    balanced: pools.flatMap(({ balanced }) => balanced),
    auto: pools.flatMap(({ auto }) => auto),
  };
}

/**
 * Without `tiers:` in the configuration: priced chat models by price. `fast` starts with the cheapest, `balanced` with
 * the one in the middle and goes on upwards, `auto` is all of them; the bundled models stand behind each.
 */
function defaultPools(models: readonly Model[]): Catalogue['pools'] {
  const chat = models.filter(({ capabilities, price }) => capabilities.has('chat') && price);
  const bundled = chat.filter(isBundled);
  const ranked = chat.filter((model) => !isBundled(model)).sort(byPrice);
  const middle = Math.floor(ranked.length / 2);
  return {
    fast: [...ranked.slice(0, Math.max(1, middle)), ...bundled],
    balanced: [...ranked.slice(middle), ...bundled],
    auto: [...ranked, ...bundled],
  };
}

const isBundled = ({ upstream }: Model): boolean => upstream.id === BUNDLED_UPSTREAM_ID;

const byPrice = (one: Model, other: Model): number =>
  Number(typicalPrice(one) - typicalPrice(other));

/** Three tokens in for one out, which is common in chats. */
function typicalPrice({ price }: Model): bigint {
  return price === undefined ? 0n : 3n * price.input + price.output;
}
