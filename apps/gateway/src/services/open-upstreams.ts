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

const REFRESH_CATALOGUE_MS = 5 * 60_000;

type OpenUpstreams = Pick<ChatServices, 'transport' | 'providers'> & {
  readonly catalogue: LiveCatalogue;
  readonly providerDirectory: ProviderDirectory;
};

export async function openUpstreams(
  config: Config,
  configured: readonly UpstreamDefinition[],
  onClose: OnClose,
): Promise<OpenUpstreams> {
  const { timeouts, tiers, maxConnectionsPerUpstream, providerKeys, port, ownKeys } = config;
  const transport = createTransport({ maxConnectionsPerUpstream });
  onClose(() => transport.close());
  const services = { transport, providers: createProviders(systemClock) };
  const discovery = config.isDiscoveryOn ? { keys: providerKeys, ownPort: port } : undefined;
  const options = { configured, tiers, timeouts, discovery, ownKeys };
  const catalogue = await openCatalogue(services, options);
  void catalogue.refresh();
  const timer = setInterval(() => void catalogue.refresh(), REFRESH_CATALOGUE_MS).unref();
  onClose(() => clearInterval(timer));
  const providerDirectory = createProviderDirectory(services, () => catalogue.current());
  return { ...services, catalogue, providerDirectory };
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
