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

const REFRESH_CATALOGUE_MS = 5 * 60_000;

export async function openUpstreams(
  config: Config,
  configured: readonly UpstreamDefinition[],
  onClose: OnClose,
): Promise<Pick<ChatServices, 'transport' | 'providers'> & { readonly catalogue: LiveCatalogue }> {
  const { timeouts, tiers, maxConnectionsPerUpstream, providerKeys, port } = config;
  const transport = createTransport({ maxConnectionsPerUpstream });
  onClose(() => transport.close());
  const services = { transport, providers: createProviders(systemClock) };
  const discovery = config.isDiscoveryOn ? { keys: providerKeys, ownPort: port } : undefined;
  const catalogue = await openCatalogue(services, { configured, tiers, timeouts, discovery });
  void catalogue.refresh();
  const timer = setInterval(() => void catalogue.refresh(), REFRESH_CATALOGUE_MS).unref();
  onClose(() => clearInterval(timer));
  return { ...services, catalogue };
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
