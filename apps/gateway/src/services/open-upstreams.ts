import type { Config } from '../config.ts';
import type { ChatServices } from '../inference/chat/index.ts';
import {
  createProviders,
  createTransport,
  openCatalogue,
  UpstreamHealth,
  type LiveCatalogue,
  type UpstreamDefinition,
} from '../inference/upstreams/index.ts';
import { healthObserver } from '../observation.ts';
import { systemClock } from '../platform/clock.ts';
import type { Log, Metrics } from '../platform/telemetry/index.ts';
import type { OnClose } from './on-close.ts';
import { openPriceCatalogue } from './price-catalogue-keeper.ts';

const REFRESH_CATALOGUE_MS = 5 * 60_000;

export async function openUpstreams(
  config: Config,
  configured: readonly UpstreamDefinition[],
  { log, onClose }: { readonly log: Log; readonly onClose: OnClose },
): Promise<
  Pick<ChatServices, 'transport' | 'providers'> & {
    readonly catalogue: LiveCatalogue;
    /** Reads the price catalogue again, and asks every host for its list. */
    readonly reread: () => Promise<void>;
  }
> {
  const { timeouts, tiers, maxConnectionsPerUpstream, providerKeys, port } = config;
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
  return { ...services, catalogue, reread };
}

export function openHealth(
  { resilience }: Config,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): UpstreamHealth {
  const health = new UpstreamHealth({
    settings: resilience,
    clock: systemClock,
    onEvent: healthObserver(log),
  });
  metrics.watchHealth(health);
  return health;
}
