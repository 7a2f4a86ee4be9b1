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
  return {
    upstreams,
    models,
    pools: poolsOf(models, tiers),
    lastResorts: lastResortsOf(models, tiers),
  };
}

function modelOf(upstream: Upstream, definition: ModelDefinition): Model {
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
    quality: definition.quality,
  };
}

function poolsOf(models: ReadonlyMap<string, Model>, tiers: Tiers): Catalogue['pools'] {
  const defaults = defaultPools([...models.values()]);
  const pool = (tier: TierName): readonly Model[] =>
    tiers[tier]?.flatMap((id) => models.get(id) ?? []) ?? defaults[tier];
  return { fast: pool('fast'), balanced: pool('balanced'), auto: pool('auto') };
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
