import type { Clock } from '../../platform/clock.ts';
import type { Secret } from '../../platform/secret.ts';
import { buildCatalogue, type Tiers } from './build-catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import type { UpstreamDefinition } from './definition.ts';
import {
  environmentProviders,
  findLocalServers,
  knownProviders,
  type LocalServer,
} from './discover.ts';
import { keyCheckPathAt } from './known-providers.ts';
import { listModels, type ListingServices } from './list-models.ts';
import type { OwnKeyTerms, UpstreamTimeouts } from './model.ts';
import type { PriceBook } from './price-catalogue/price-book.ts';

/** For which providers organizations may bring keys: also for those we know, for the operator's public upstreams only, for none. */
export type OwnKeySetting = 'known' | 'upstreams' | 'off';

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
  readonly ownKeys: OwnKeySetting;
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
  let definitions = (await findDefinitions(services, options)).map(({ definition }) => definition);
  let built = build(definitions, options);
  return {
    current: () => {
      const isCurrent = built.prices === options.prices() && options.clock() < built.untilMs;
      if (!isCurrent) built = build(definitions, options);
      return built.catalogue;
    },
    async refresh() {
      const found = await findDefinitions(services, options);
      definitions = await Promise.all(found.map((each) => listed(services, each, definitions)));
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

interface Found {
  readonly definition: UpstreamDefinition;
  /** Its models are known: the operator wrote them down, they were just asked for, or nobody may ask. */
  readonly isFixed: boolean;
}

/** Of two with one id the first one counts. */
async function findDefinitions(
  services: ListingServices,
  options: CatalogueOptions,
): Promise<Found[]> {
  const { configured, ownKeys, timeouts } = options;
  const written = configured.map((definition) => ({
    definition,
    isFixed: definition.models !== undefined,
  }));
  const found = [...written, ...(await discover(services, options))];
  if (ownKeys === 'off') return found;
  const opened = found.map(openToOwnKeys);
  if (ownKeys === 'upstreams') return opened;
  const taken = new Set(found.map(({ definition }) => definition.upstream.id));
  const others = knownProviders(timeouts).filter(({ upstream }) => !taken.has(upstream.id));
  // Without a key there is nothing to ask them, and no reason to tell them that we are here.
  return [...opened, ...others.map((definition) => ({ definition, isFixed: true }))];
}

async function discover(
  services: ListingServices,
  { configured, discovery, timeouts }: CatalogueOptions,
): Promise<Found[]> {
  if (discovery === undefined) return [];
  const { keys, ownPort, servers } = discovery;
  const local = await findLocalServers(services, {
    timeouts,
    ownPort,
    ...(servers ? { servers } : {}),
  });
  const taken = new Set(configured.map(({ upstream }) => upstream.id));
  return [
    ...environmentProviders(keys, timeouts).map((definition) => ({ definition, isFixed: false })),
    ...local.map((definition) => ({ definition, isFixed: true })),
  ].filter(({ definition }) => !taken.has(definition.upstream.id));
}

/** Everybody can have a key for what is public. What the operator has listed is all that there is, also for those who bring one. */
function openToOwnKeys({ definition, isFixed }: Found): Found {
  const { upstream, models } = definition;
  // A socket has no host that a key could be bound to.
  if (upstream.trust !== 'public' || upstream.socketPath !== undefined) {
    return { definition, isFixed };
  }
  const ownKeys: OwnKeyTerms = {
    isNeeded: false,
    models: isFixed ? 'listed' : 'any',
    keyCheckPath: keyCheckPathAt(upstream.baseUrl),
  };
  return { definition: { upstream: { ...upstream, ownKeys }, models }, isFixed };
}

/** A host that does not answer keeps what it had. */
async function listed(
  services: ListingServices,
  { definition, isFixed }: Found,
  before: readonly UpstreamDefinition[],
): Promise<UpstreamDefinition> {
  const { upstream, models } = definition;
  if (isFixed) return definition;
  const earlier = before.find((one) => one.upstream.id === upstream.id)?.models;
  const found = (await listModels(services, upstream)) ?? earlier ?? models;
  return { upstream, models: found, isListed: true };
}
