import type { Clock } from '../../platform/clock.ts';
import type { Secret } from '../../platform/secret.ts';
import { buildCatalogue, type Tiers } from './build-catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import type { UpstreamDefinition } from './definition.ts';
import { environmentProviders, findLocalServers, type LocalServer } from './discover.ts';
import { listModels, type ListingServices } from './list-models.ts';
import type { UpstreamTimeouts } from './model.ts';
import type { PriceBook } from './price-catalogue/price-book.ts';

export interface CatalogueOptions {
  /** The operator's upstreams, then the bundled models. */
  readonly configured: readonly UpstreamDefinition[];
  readonly tiers: Tiers;
  readonly timeouts: UpstreamTimeouts;
  /** What is known now of models and their prices. */
  readonly prices: () => PriceBook;
  readonly clock: Clock;
  /** `undefined`: only what is configured. */
  readonly discovery:
    | {
        readonly keys: ReadonlyMap<string, Secret>;
        readonly ownPort: number;
        readonly servers?: readonly LocalServer[];
      }
    | undefined;
}

export interface LiveCatalogue {
  /** Always an immediate answer, with the prices of this moment. */
  current(): Catalogue;
  /** Looks for local servers again and asks every host for its list; the next `current()` knows the result. */
  refresh(): Promise<void>;
}

/**
 * Resolves as soon as the loopback ports were probed (half a second at most). Hosts whose models nobody listed are asked
 * by `refresh`, which the caller starts in the background.
 */
export async function openCatalogue(
  services: ListingServices,
  options: CatalogueOptions,
): Promise<LiveCatalogue> {
  let definitions = await findDefinitions(services, options);
  let built = build(definitions, options);
  return {
    current: () => {
      const isCurrent = built.prices === options.prices() && options.clock() < built.untilMs;
      if (!isCurrent) built = build(definitions, options);
      return built.catalogue;
    },
    async refresh() {
      const found = await findDefinitions(services, options);
      definitions = await Promise.all(
        found.map((definition) => listed(services, definition, options, definitions)),
      );
      built = build(definitions, options);
    },
  };
}

interface Built {
  readonly catalogue: Catalogue;
  readonly prices: PriceBook;
  /** When the next price changes by itself. */
  readonly untilMs: number;
}

function build(definitions: readonly UpstreamDefinition[], options: CatalogueOptions): Built {
  const { tiers, clock } = options;
  const nowMs = clock();
  const prices = options.prices();
  return {
    catalogue: buildCatalogue({ definitions, tiers, prices, nowMs }),
    prices,
    untilMs: prices.changesAfter(nowMs),
  };
}

async function findDefinitions(
  services: ListingServices,
  { configured, discovery, timeouts }: CatalogueOptions,
): Promise<UpstreamDefinition[]> {
  if (discovery === undefined) return [...configured];
  const { keys, ownPort, servers } = discovery;
  const local = await findLocalServers(services, {
    timeouts,
    ownPort,
    ...(servers ? { servers } : {}),
  });
  const taken = new Set(configured.map(({ upstream }) => upstream.id));
  const found = [...environmentProviders(keys, timeouts), ...local];
  return [...configured, ...found.filter(({ upstream }) => !taken.has(upstream.id))];
}

/** An operator's own list of models is left alone. A host that does not answer keeps what it had. */
async function listed(
  services: ListingServices,
  definition: UpstreamDefinition,
  { configured }: CatalogueOptions,
  before: readonly UpstreamDefinition[],
): Promise<UpstreamDefinition> {
  const { upstream, models } = definition;
  if (upstream.trust === 'local' && models !== undefined) return definition;
  if (configured.includes(definition) && models !== undefined) return definition;
  const earlier = before.find((one) => one.upstream.id === upstream.id)?.models;
  const found = (await listModels(services, upstream)) ?? earlier ?? models;
  return { upstream, models: found, isListed: true };
}
