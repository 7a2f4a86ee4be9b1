import type { Config } from '../config.ts';
import { OwnKeyLog, type ProviderDirectory } from '../customers/provider-keys/index.ts';
import type { ChatServices } from '../inference/chat/index.ts';
import {
  createProviderDirectory,
  createProviders,
  createTransport,
  openCatalogue,
  UpstreamHealth,
  type LiveCatalogue,
  type UpstreamDefinition,
} from '../inference/upstreams/index.ts';
import { healthObserver } from '../observation.ts';
import { systemClock } from '../platform/clock.ts';
import type { Database } from '../platform/db/index.ts';
import type { Log, Metrics } from '../platform/telemetry/index.ts';
import type { OnClose } from './on-close.ts';
import { openPriceCatalogue } from './price-catalogue-keeper.ts';

const REFRESH_CATALOGUE_MS = 5 * 60_000;

type OpenUpstreams = Pick<ChatServices, 'transport' | 'providers'> & {
  readonly catalogue: LiveCatalogue;
  /** Reads the price catalogue again, and asks every host for its list. */
  readonly reread: () => Promise<void>;
  readonly providerDirectory: ProviderDirectory;
};

export async function openUpstreams(
  config: Config,
  configured: readonly UpstreamDefinition[],
  { log, onClose }: { readonly log: Log; readonly onClose: OnClose },
): Promise<OpenUpstreams> {
  const { timeouts, tiers, maxConnectionsPerUpstream, providerKeys, port, ownKeys } = config;
  const transport = createTransport({ maxConnectionsPerUpstream });
  onClose(() => transport.close());
  const services = { transport, providers: createProviders(systemClock) };
  const discovery = config.isDiscoveryOn ? { keys: providerKeys, ownPort: port } : undefined;
  const prices = await openPriceCatalogue(config.priceCataloguePath, log);
  const catalogue = await openCatalogue(services, {
    configured,
    tiers,
    timeouts,
    discovery,
    ownKeys,
    prices: () => prices.current(),
    clock: systemClock,
  });
  const reread = async (): Promise<void> => {
    await prices.reread();
    await catalogue.refresh();
  };
  void catalogue.refresh();
  const timer = setInterval(() => void reread(), REFRESH_CATALOGUE_MS).unref();
  onClose(() => clearInterval(timer));
  const providerDirectory = createProviderDirectory(services, () => catalogue.current());
  return { ...services, catalogue, reread, providerDirectory };
}

export function openHealth(
  { resilience }: Config,
  parts: { readonly log: Log; readonly metrics: Metrics; readonly database: Database },
  onClose: OnClose,
): UpstreamHealth {
  const { log, metrics, database } = parts;
  const ownKeys = new OwnKeyLog(database);
  onClose(() => ownKeys.close());
  const health = new UpstreamHealth({
    settings: resilience,
    clock: systemClock,
    onEvent: healthObserver(log, ownKeys, systemClock),
  });
  metrics.watchHealth(health);
  return health;
}
