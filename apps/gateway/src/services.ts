import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startBackgroundWork } from './background-work.ts';
import { startBundledModels, type BundledModels } from './bundled-models.ts';
import type { Config } from './config.ts';
import { openUsageJournal, type OpenUsageJournal } from './customers/billing/index.ts';
import { createAccountServices, createSessionVerifier } from './customers/accounts/index.ts';
import {
  createKeyVerifier,
  ensureFirstRun,
  type FirstRun,
  type KeyVerifier,
} from './customers/keys/index.ts';
import type { KeyGate, PlatformServices } from './http/index.ts';
import type { ChatServices } from './inference/chat/index.ts';
import {
  createSealedChat,
  DEFAULT_ATTESTATION,
  DEFAULT_SEALED_LIMITS,
  type SealedChat,
} from './inference/sealed/index.ts';
import {
  createProviders,
  createTransport,
  openCatalogue,
  UpstreamHealth,
  type LiveCatalogue,
  type UpstreamDefinition,
} from './inference/upstreams/index.ts';
import { chatMetrics, healthObserver } from './observation.ts';
import { systemClock } from './platform/clock.ts';
import type { Context } from './platform/context.ts';
import { openDatabase, type Database } from './platform/db/index.ts';
import { newId } from './platform/ids.ts';
import { installationSecret } from './platform/installation.ts';
import { openVault } from './platform/open-vault.ts';
import type { Vault } from './platform/vault.ts';
import { createWebhookSender, type WebhookSender } from './platform/webhooks/index.ts';
import { createRateLimiter } from './platform/limits/index.ts';
import { createLogs, createMetrics, type Log, type Metrics } from './platform/telemetry/index.ts';

/** Everything that runs, built once. */
export interface Services {
  readonly config: Config;
  readonly log: Log;
  readonly requestLog: Log;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly gate: KeyGate;
  readonly platform: PlatformServices;
  readonly webhooks: WebhookSender;
  readonly chat: ChatServices;
  /** Resolves when what the usage journals hold now is in the database. */
  readonly flushUsage: () => Promise<void>;
  readonly catalogue: LiveCatalogue;
  /** `undefined`: switched off. */
  readonly sealed: SealedChat | undefined;
  readonly firstRun: FirstRun;
  /** Ends everything, newest first. Whatever was admitted must be answered by then. */
  close(): Promise<void>;
}

export interface Startup {
  readonly config: Config;
  readonly onProgress: (text: string) => void;
}

const MINUTE_MS = 60_000;
const REFRESH_CATALOGUE_MS = 5 * MINUTE_MS;

export async function createServices(startup: Startup): Promise<Services> {
  const endings: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).toReversed()) await end();
  };
  const onClose: OnClose = (end) => {
    endings.push(end);
  };
  try {
    return { ...(await build(startup, onClose)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type OnClose = (end: () => unknown) => void;

async function build(startup: Startup, onClose: OnClose): Promise<Omit<Services, 'close'>> {
  const { config, onProgress } = startup;
  const logs = createLogs(config.logLevel);
  const { log, requestLog } = logs;
  onClose(() => logs.flush());
  for (const warning of config.warnings) log.warn(warning);
  const starting = startModels(config, log);
  onClose(async () => (await starting.catch(() => undefined))?.stop());
  const database = await openStore(startup, log, onClose);
  const bundled = await starting;
  const vault = await openVault(config);
  const ctx = systemContext(database, vault);
  const firstRun = await ensureFirstRun(ctx, {
    startCreditNano: config.startCredit,
  });
  const background = startBackgroundWork({ config, database, ctx, log });
  onClose(() => background.close());
  const webhooks = createWebhookSender();
  onClose(() => webhooks.close());
  const metrics = createMetrics();
  const keys = createKeyVerifier({
    database,
    clock: systemClock,
    rateLimitRpm: config.rateLimitRpm,
  });
  onClose(() => keys.close());
  const journal = await openUsageJournal({ dir: join(config.dataDir, 'journal'), database, log });
  onClose(() => journal.close());
  metrics.watchJournal(() => journal.pendingCount());
  const health = healthOf(config, log);
  metrics.watchHealth(health);
  onProgress('Looking for models');
  const configured = [...config.upstreams, ...(bundled ? [bundled.definition] : [])];
  const { catalogue, ...upstreams } = await openUpstreams(config, configured, onClose);
  const sealed = config.sealed.isOn ? await openSealedChat(config, log) : undefined;
  if (sealed) onClose(() => sealed.close());
  return {
    config,
    log,
    requestLog,
    metrics,
    database,
    platform: platformOf(ctx, config),
    webhooks,
    flushUsage: usageFlusher(journal, database),
    catalogue,
    sealed,
    firstRun,
    gate: gateOf(keys),
    chat: {
      ...upstreams,
      journal,
      catalogue: () => catalogue.current(),
      health,
      metrics: chatMetrics(metrics),
      clock: systemClock,
      random: Math.random,
    },
  };
}

const healthOf = ({ resilience }: Config, log: Log): UpstreamHealth =>
  new UpstreamHealth({
    settings: resilience,
    clock: systemClock,
    onEvent: healthObserver(log),
  });

const gateOf = (keys: KeyVerifier): KeyGate => ({
  keys,
  requests: createRateLimiter({ clock: systemClock, windowMs: MINUTE_MS }),
  failures: createRateLimiter({ clock: systemClock, windowMs: MINUTE_MS }),
});

/** Beside the database, since both take their time. */
async function startModels(config: Config, log: Log): Promise<BundledModels | undefined> {
  return config.hasLocalModels ? startBundledModels({ timeouts: config.timeouts, log }) : undefined;
}

async function openStore(
  { config, onProgress }: Startup,
  log: Log,
  onClose: OnClose,
): Promise<Database> {
  const database = await openDatabase({
    dataDir: config.dataDir,
    databaseUrl: config.databaseUrl?.reveal(),
    role: 'server',
    onProgress,
    onWarning: (text) => log.warn(text),
  });
  onClose(() => database.close());
  return database;
}

async function openUpstreams(
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

async function openSealedChat(config: Config, log: Log): Promise<SealedChat> {
  const { requestsPerSecond, burstRequests } = config.sealed;
  const sealed = await createSealedChat({
    clock: systemClock,
    installationSecret: await installationSecret(config.dataDir),
    limits: { ...DEFAULT_SEALED_LIMITS, requestsPerSecond, burstRequests },
    attestation: { ...DEFAULT_ATTESTATION, tpm: config.tpm },
    isMemoryLockingWanted: true,
    onFault: (fault, error) => log.error({ err: error }, fault),
  });
  if (!config.isMemoryLockRequired) return sealed;
  const { isMaximumTierAvailable, memory } = await sealed.describeProtection();
  if (isMaximumTierAvailable) return sealed;
  sealed.close();
  throw new StartProblem(
    `SEALGATE_STRICT_MEMORY is on, but memory cannot be locked here (${JSON.stringify(memory.locking)}). ` +
      'Run "sealgate doctor" for the fix.',
  );
}

const systemContext = ({ store }: Database, vault: Vault): Context => ({
  store,
  clock: systemClock,
  newId,
  vault,
  actor: { kind: 'system' },
});

/** Other gateways of an external database have journals of their own, which they empty several times a second. */
const OTHER_JOURNALS_MS = 400;

function usageFlusher(journal: OpenUsageJournal, { kind }: Database): () => Promise<void> {
  return async () => {
    await journal.flush();
    if (kind === 'external') await delay(OTHER_JOURNALS_MS);
  };
}

/** What the routes of the platform need beside the gate. */
const platformOf = (
  { store, clock, newId, vault }: Context,
  { publicUrl, corsOrigins }: Config,
): PlatformServices => ({
  store,
  clock,
  newId,
  vault,
  sessions: createSessionVerifier({ store, clock }),
  accounts: createAccountServices(clock),
  site: { publicUrl, trustedOrigins: corsOrigins },
});

/** A reason not to start that the operator can do something about. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}
