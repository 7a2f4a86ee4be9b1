import { setTimeout as delay } from 'node:timers/promises';
import { startBackgroundWork } from './background-work.ts';
import { startBundledModels, type BundledModels } from './bundled-models.ts';
import type { Config } from './config.ts';
import { createAccountServices, createSessionVerifier } from './customers/accounts/index.ts';
import {
  createPlans,
  type InvoiceServices,
  type OpenUsageJournal,
  type PaymentServices,
  type Plans,
  type PlanServices,
} from './customers/billing/index.ts';
import {
  createKeyVerifier,
  ensureFirstRun,
  type FirstRun,
  type KeyVerifier,
} from './customers/keys/index.ts';
import { personalFounder } from './customers/organizations/index.ts';
import type { ProviderDirectory } from './customers/provider-keys/index.ts';
import type { KeyGate, PlatformServices } from './http/index.ts';
import type { ChatServices } from './inference/chat/index.ts';
import type { SealedChat } from './inference/sealed/index.ts';
import type { LiveCatalogue } from './inference/upstreams/index.ts';
import { chatMetrics } from './observation.ts';
import { systemClock } from './platform/clock.ts';
import type { Context } from './platform/context.ts';
import { openDatabase, type Database } from './platform/db/index.ts';
import { newId } from './platform/ids.ts';
import { createRateLimiter } from './platform/limits/index.ts';
import { checkMasterKey, openVault } from './platform/master-key/index.ts';
import { createLogs, createMetrics, type Log, type Metrics } from './platform/telemetry/index.ts';
import type { Vault } from './platform/vault.ts';
import { createWebhookSender, type WebhookSender } from './platform/webhooks/index.ts';
import type { OnClose } from './services/on-close.ts';
import { openCache } from './services/open-cache.ts';
import { openMoney, openPayments } from './services/open-money.ts';
import { openRouter } from './services/open-router.ts';
import { openSealedChat } from './services/open-sealed-chat.ts';
import { openHealth, openUpstreams } from './services/open-upstreams.ts';

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
  readonly payments: PaymentServices;
  readonly invoices: InvoiceServices;
  readonly plans: PlanServices;
  readonly chat: ChatServices;
  /** Resolves when what the usage journals hold now is in the database. */
  readonly flushUsage: () => Promise<void>;
  readonly catalogue: LiveCatalogue;
  /** Reads again what may change while we run: the price catalogue, and what hosts list. */
  readonly reread: () => Promise<void>;
  readonly providerDirectory: ProviderDirectory;
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

async function build(startup: Startup, onClose: OnClose): Promise<Omit<Services, 'close'>> {
  const { config, onProgress } = startup;
  const base = await openBase(startup, onClose);
  const { bundled, ctx, ...parts } = base;
  const { database, log, metrics } = parts;
  const webhooks = createWebhookSender();
  onClose(() => webhooks.close());
  const paying = await openPayments(config, { log, metrics }, onClose);
  const plans = createPlans(config.plans);
  const background = startBackgroundWork({ ...parts, config, ctx, webhooks, plans, ...paying });
  onClose(() => background.close());
  const { gate, prices, ...money } = await openCounting(config, { ...parts, ctx, plans }, onClose);
  onProgress('Looking for models');
  const configured = [...config.upstreams, ...(bundled ? [bundled.definition] : [])];
  const { catalogue, reread, providerDirectory, ...upstreams } = await openUpstreams(
    config,
    configured,
    { log, onClose },
  );
  const current = () => catalogue.current();
  const health = openHealth(config, parts, onClose);
  const router = await openRouter({ ...parts, catalogue, health }, onClose);
  return {
    ...parts,
    ...paying,
    config,
    webhooks,
    gate,
    plans: { plans, prices },
    platform: platformOf(ctx, config),
    flushUsage: usageFlusher(money.journal, database),
    catalogue,
    reread,
    providerDirectory,
    sealed: await openSealedChat(config, log, onClose),
    chat: {
      ...upstreams,
      ...money,
      defaultMaxOutputTokens: config.defaultMaxOutputTokens,
      catalogue: current,
      cache: openCache(config, { ...upstreams, ...parts, ctx, catalogue: current }, onClose),
      health,
      router,
      keepsFeatures: config.routing.keepsFeatures,
      metrics: chatMetrics(metrics),
      clock: systemClock,
      random: Math.random,
    },
  };
}

type Base = Pick<Services, 'log' | 'requestLog' | 'metrics' | 'database' | 'firstRun'> & {
  readonly bundled: BundledModels | undefined;
  /** The system's. */
  readonly ctx: Context;
};

/** What everything else stands on. */
async function openBase(startup: Startup, onClose: OnClose): Promise<Base> {
  const { config } = startup;
  const logs = createLogs(config.logLevel);
  const { log, requestLog } = logs;
  onClose(() => logs.flush());
  for (const warning of config.warnings) log.warn(warning);
  const starting = startModels(config, log);
  onClose(async () => (await starting.catch(() => undefined))?.stop());
  const database = await openStore(startup, log, onClose);
  const bundled = await starting;
  const vault = await openVault(config.masterKey);
  await checkMasterKey(database, vault);
  const ctx = systemContext(database, vault);
  const firstRun = await ensureFirstRun(ctx, { startCreditNano: config.startCredit });
  return { log, requestLog, metrics: createMetrics(), database, bundled, ctx, firstRun };
}

/** Whose requests are let in, and what they cost. */
async function openCounting(
  config: Config,
  parts: Pick<Base, 'database' | 'ctx' | 'log' | 'metrics'> & { readonly plans: Plans },
  onClose: OnClose,
): Promise<Awaited<ReturnType<typeof openMoney>> & { readonly gate: KeyGate }> {
  const { database, ctx } = parts;
  const { rateLimitRpm } = config;
  const { vault } = ctx;
  const keys = createKeyVerifier({ database, vault, clock: systemClock, rateLimitRpm });
  onClose(() => keys.close());
  return { gate: gateOf(keys), ...(await openMoney(config, parts, onClose)) };
}

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
  { publicUrl, corsOrigins, signupCredit }: Config,
): PlatformServices => ({
  store,
  clock,
  newId,
  vault,
  sessions: createSessionVerifier({ store, clock }),
  accounts: {
    ...createAccountServices(clock),
    foundOrganization: personalFounder(signupCredit),
  },
  site: { publicUrl, trustedOrigins: corsOrigins },
});
