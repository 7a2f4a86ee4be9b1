import { picoUsdPerToken } from '@sealgate/contract';
import { completePrice } from '../../customers/billing/index.ts';
import type { Catalogue, TierName } from './catalogue.ts';
import type { ModelDefinition, UpstreamDefinition } from './definition.ts';
import { definitionByName } from './list-models.ts';
import type { Capability, Model, Upstream } from './model.ts';
import type { PriceBook } from './price-catalogue/price-book.ts';

/** Model ids of each tier as the operator listed them. */
export type Tiers = Readonly<Partial<Record<TierName, readonly string[] | undefined>>>;

export interface CatalogueSources {
  /** Of two with the same id the first one counts: the operator's own come first. */
  readonly definitions: readonly UpstreamDefinition[];
  readonly tiers: Tiers;
  readonly prices: PriceBook;
  /** By what each model costs then. */
  readonly nowMs: number;
}

/** The bundled tiny models: the last resort of every default pool. */
export const BUNDLED_UPSTREAM_ID = 'local';

const FREE = completePrice({ input: picoUsdPerToken(0n), output: picoUsdPerToken(0n) });
/** What a model of unknown abilities may be asked; its host refuses the rest itself. */
const UNKNOWN_ABILITIES: readonly Capability[] = ['chat', 'tools', 'vision', 'structured-output'];

export function buildCatalogue(sources: CatalogueSources): Catalogue {
  const { definitions, tiers, prices, nowMs } = sources;
  const upstreams = new Map<string, Upstream>();
  const models = new Map<string, Model>();
  for (const { upstream, models: defined, isListed } of definitions) {
    if (upstreams.has(upstream.id)) continue;
    upstreams.set(upstream.id, upstream);
    for (const definition of defined ?? prices.modelsAt(upstream.baseUrl, nowMs)) {
      const known = prices.find(upstream.baseUrl, definition.name, nowMs) ?? NOTHING;
      const model = modelOf(upstream, definition, { known, isListed });
      models.set(model.id, model);
    }
  }
  return {
    upstreams,
    models,
    pools: poolsOf(models, tiers),
    modelNamed: (upstream, name) => {
      const known = prices.find(upstream.baseUrl, name, nowMs) ?? NOTHING;
      return modelOf(upstream, definitionByName(upstream, name), { known, isListed: true });
    },
    lastResorts: lastResortsOf(models, tiers),
  };
}

type Facts = Partial<ModelDefinition>;
const NOTHING: Facts = {};

/**
 * What the operator has written goes before what is known, and that before what a host lists of itself: a price may hold for a
 * shorter prompt than the model takes.
 */
function modelOf(
  upstream: Upstream,
  definition: ModelDefinition,
  { known, isListed }: { readonly known: Facts; readonly isListed?: boolean | undefined },
): Model {
  const { name, id = name } = definition;
  const [first, second]: readonly [Facts, Facts] = isListed
    ? [known, definition]
    : [definition, known];
  return {
    id: `${upstream.id}/${id}`,
    upstream,
    upstreamModel: name,
    // What runs on this machine has no list price.
    price: first.price ?? second.price ?? (upstream.trust === 'local' ? FREE : undefined),
    contextLength: first.contextLength ?? second.contextLength,
    maxOutputTokens: first.maxOutputTokens ?? second.maxOutputTokens,
    defaultMaxOutputTokens: definition.defaultMaxOutputTokens,
    capabilities: new Set(first.capabilities ?? second.capabilities ?? UNKNOWN_ABILITIES),
    quality: definition.quality,
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

/** The bundled models, where the operator has not put them into the pool. */
function lastResortsOf(
  models: ReadonlyMap<string, Model>,
  tiers: Tiers,
): NonNullable<Catalogue['lastResorts']> {
  const bundled = new Set(Array.from(models.values()).filter(isBundled));
  const names: readonly TierName[] = ['fast', 'balanced', 'auto'];
  return Object.fromEntries(
    names.flatMap((tier) => (tiers[tier] === undefined ? [[tier, bundled]] : [])),
  );
}

const isBundled = ({ upstream }: Model): boolean => upstream.id === BUNDLED_UPSTREAM_ID;

const byPrice = (one: Model, other: Model): number =>
  Number(typicalPrice(one) - typicalPrice(other));

/** Three tokens in for one out, which is common in chats. */
function typicalPrice({ price }: Model): bigint {
  return price === undefined ? 0n : 3n * price.input + price.output;
}
