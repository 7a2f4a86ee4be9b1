import type { NanoUsd } from '@sealgate/contract';
import { readFile as readFileFromDisk } from 'node:fs/promises';
import { basename } from 'node:path';
import { crossFaults } from './config/check-file.ts';
import { didYouMean } from './platform/did-you-mean.ts';
import { Environment } from './config/environment.ts';
import { ConfigProblem, type Fault } from './config/fault.ts';
import { masterKeyFaults, masterKeySource } from './config/master-key.ts';
import { paymentFaults, paymentWarnings } from './config/payment-faults.ts';
import { readFile } from './config/read-file.ts';
import { cacheSettings } from './config/file-cache.ts';
import { planOf, scheduledList } from './config/file-prices.ts';
import { resilienceSettings } from './config/file-resilience.ts';
import { missingKeys, upstreamDefinition } from './config/upstream-definitions.ts';
import type { Plan, ScheduledList } from './customers/billing/index.ts';
import type { CacheSettings } from './inference/cache/index.ts';
import {
  KNOWN_PROVIDERS,
  type OwnKeySetting,
  SHIPPED_CATALOGUE_PATH,
  type ResilienceSettings,
  type Tiers,
  type UpstreamDefinition,
  type UpstreamTimeouts,
} from './inference/upstreams/index.ts';
import type { MasterKeySource } from './platform/master-key/index.ts';
import { Secret } from './platform/secret.ts';
import type { LogLevel } from './platform/telemetry/index.ts';
import type { TpmSetting } from './platform/tpm/index.ts';

export { ConfigProblem, printFault, type Fault } from './config/fault.ts';

/** Everything that can be set, read once at start. Frozen. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: Secret | undefined;
  readonly masterKey: MasterKeySource;
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly mail: {
    /** `undefined`: mails become files. */
    readonly smtpUrl: Secret | undefined;
    readonly from: string;
  };
  readonly startCredit: NanoUsd;
  readonly signupCredit: NanoUsd;
  readonly defaultMaxOutputTokens: number;
  readonly payments: {
    /** `undefined`: nobody can top up by themselves. */
    readonly stripe:
      | {
          readonly secretKey: Secret;
          readonly webhookSecret: Secret;
          /** `undefined`: Stripe's own. */
          readonly apiUrl: string | undefined;
        }
      | undefined;
    readonly leastNano: NanoUsd;
    readonly mostNano: NanoUsd;
  };
  /** Who issues invoices. */
  readonly operator: { readonly name: string; readonly address: readonly string[] };
  readonly rateLimitRpm: number;
  readonly sealed: {
    readonly isOn: boolean;
    readonly requestsPerSecond: number;
    readonly burstRequests: number;
  };
  readonly tpm: TpmSetting;
  readonly isMemoryLockRequired: boolean;
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly metricsToken: Secret | undefined;
  readonly logLevel: LogLevel;
  readonly hasLocalModels: boolean;
  readonly isDiscoveryOn: boolean;
  readonly ownKeys: OwnKeySetting;
  /** Providers' keys by the name of their variable. */
  readonly providerKeys: ReadonlyMap<string, Secret>;
  readonly routing: { readonly keepsFeatures: boolean; readonly logDays: number };
  readonly timeouts: UpstreamTimeouts;
  readonly maxConnectionsPerUpstream: number;
  readonly upstreams: readonly UpstreamDefinition[];
  readonly tiers: Tiers;
  /** File with list prices of known models. */
  readonly priceCataloguePath: string;
  /** What is charged, as far as the file says so. */
  readonly priceLists: readonly ScheduledList[];
  /** What organizations can book beside pay-as-you-go. */
  readonly plans: readonly Plan[];
  readonly resilience: ResilienceSettings;
  readonly cache: CacheSettings;
  /** What looks like a mistake and is none that must stop the start. */
  readonly warnings: readonly string[];
}

/** Variables whose content no message may repeat. */
const SECRETS = new Set([
  'DATABASE_URL',
  'SEALGATE_MASTER_KEY',
  // Its arguments may be credentials.
  'SEALGATE_MASTER_KEY_COMMAND',
  'SEALGATE_METRICS_TOKEN',
  'SEALGATE_SMTP_URL',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
]);

type Variables = Readonly<Record<string, string | undefined>>;

/** Pure. Throws `ConfigProblem` with every fault, not the first. */
export function loadConfig(sources: {
  readonly env: Variables;
  readonly yamlText?: string | undefined;
  readonly yamlPath?: string | undefined;
}): Config {
  // An empty variable is an unset one: compose files and shells cannot always leave it out.
  const env = Object.fromEntries(Object.entries(sources.env).filter(([, value]) => value !== ''));
  const environment = Environment.safeParse(env);
  const { content: file, faults, lineOf } = readFile(sources.yamlText ?? '');
  const all: Fault[] = [
    ...(environment.error?.issues ?? []).map(({ path, message }) => ({
      where: String(path[0]),
      message: SECRETS.has(String(path[0]))
        ? message
        : `${message}; it is "${env[String(path[0])]}"`,
    })),
    ...paymentFaults(env),
    ...masterKeyFaults(env),
    ...faults,
    ...(file ? [...crossFaults(file, lineOf), ...missingKeys(file.upstreams, env, lineOf)] : []),
  ];
  if (all.length > 0 || !environment.success || !file) {
    throw new ConfigProblem(all, basename(sources.yamlPath ?? 'sealgate.yaml'));
  }
  const timeouts = timeoutsOf(environment.data);
  return Object.freeze({
    ...settingsOf(environment.data),
    timeouts,
    providerKeys: providerKeysIn(env),
    upstreams: Object.freeze(
      file.upstreams.map((upstream) => upstreamDefinition(upstream, timeouts, env)),
    ),
    tiers: Object.freeze(file.tiers),
    priceLists: Object.freeze(file.prices.map(scheduledList)),
    plans: Object.freeze(file.plans.map(planOf)),
    warnings: Object.freeze([...unknownVariables(env), ...paymentWarnings(env)]),
    resilience: resilienceSettings(file.resilience),
    cache: cacheSettings(environment.data.SEALGATE_CACHE, file.cache),
  });
}

/** Reads the file that the environment names, then `loadConfig`. Only the default file may be missing. */
export async function readConfig(env: Variables): Promise<Config> {
  const named = env['SEALGATE_CONFIG'] === '' ? undefined : env['SEALGATE_CONFIG'];
  const yamlPath = named ?? './sealgate.yaml';
  const yamlText = await readFileFromDisk(yamlPath, 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && named === undefined) return undefined;
      const message = `${yamlPath} cannot be read: ${error.message}`;
      throw new ConfigProblem([{ where: 'SEALGATE_CONFIG', message }], basename(yamlPath));
    },
  );
  return loadConfig({ env, yamlText, yamlPath });
}

/** For `sealgate config check` and editors: what is wrong in the text of a `sealgate.yaml`. */
export function checkConfig(text: string): readonly Fault[] {
  const { content: file, faults, lineOf } = readFile(text);
  return file ? crossFaults(file, lineOf) : faults;
}

type FileSettings = Pick<
  Config,
  'upstreams' | 'tiers' | 'priceLists' | 'plans' | 'resilience' | 'cache'
>;

function settingsOf(
  environment: Environment,
): Omit<Config, 'timeouts' | 'providerKeys' | 'warnings' | keyof FileSettings> {
  return {
    host: environment.SEALGATE_HOST,
    port: environment.SEALGATE_PORT,
    dataDir: environment.SEALGATE_DATA_DIR,
    databaseUrl: secret(environment.DATABASE_URL),
    masterKey: Object.freeze(masterKeySource(environment)),
    publicUrl: publicUrlOf(environment),
    mail: Object.freeze({
      smtpUrl: secret(environment.SEALGATE_SMTP_URL),
      from: environment.SEALGATE_MAIL_FROM,
    }),
    startCredit: environment.SEALGATE_START_CREDIT_USD,
    signupCredit: environment.SEALGATE_SIGNUP_CREDIT_USD,
    defaultMaxOutputTokens: environment.SEALGATE_DEFAULT_MAX_TOKENS,
    payments: paymentsOf(environment),
    operator: Object.freeze({
      name: environment.SEALGATE_OPERATOR_NAME,
      address: Object.freeze(environment.SEALGATE_OPERATOR_ADDRESS),
    }),
    rateLimitRpm: environment.SEALGATE_RATE_LIMIT_RPM,
    sealed: Object.freeze({
      isOn: environment.SEALGATE_SEALED,
      requestsPerSecond: environment.SEALGATE_SEALED_RATE_PER_SECOND,
      burstRequests: environment.SEALGATE_SEALED_BURST,
    }),
    tpm: Object.freeze(environment.SEALGATE_TPM),
    isMemoryLockRequired: environment.SEALGATE_STRICT_MEMORY,
    trustedProxies: Object.freeze(environment.SEALGATE_TRUSTED_PROXIES),
    corsOrigins: Object.freeze(environment.SEALGATE_CORS_ORIGINS),
    metricsToken: secret(environment.SEALGATE_METRICS_TOKEN),
    logLevel: environment.SEALGATE_LOG_LEVEL,
    hasLocalModels: environment.SEALGATE_LOCAL_MODELS,
    isDiscoveryOn: environment.SEALGATE_DISCOVER,
    ownKeys: environment.SEALGATE_OWN_KEYS,
    routing: Object.freeze({
      keepsFeatures: environment.SEALGATE_ROUTING_FEATURES,
      logDays: environment.SEALGATE_ROUTING_LOG_DAYS,
    }),
    maxConnectionsPerUpstream: environment.SEALGATE_UPSTREAM_CONNECTIONS,
    priceCataloguePath: environment.SEALGATE_PRICE_CATALOGUE ?? SHIPPED_CATALOGUE_PATH,
  };
}

function paymentsOf(environment: Environment): Config['payments'] {
  const secretKey = secret(environment.STRIPE_SECRET_KEY);
  const webhookSecret = secret(environment.STRIPE_WEBHOOK_SECRET);
  return Object.freeze({
    stripe:
      secretKey &&
      webhookSecret &&
      Object.freeze({ secretKey, webhookSecret, apiUrl: environment.SEALGATE_STRIPE_API_URL }),
    leastNano: environment.SEALGATE_TOP_UP_MIN_USD,
    mostNano: environment.SEALGATE_TOP_UP_MAX_USD,
  });
}

const publicUrlOf = ({ SEALGATE_PUBLIC_URL: url, SEALGATE_PORT: port }: Environment): string =>
  (url ?? `http://localhost:${port}`).replace(/\/+$/, '');

function timeoutsOf(environment: Environment): UpstreamTimeouts {
  return Object.freeze({
    connectMs: environment.SEALGATE_UPSTREAM_CONNECT_TIMEOUT_MS,
    firstByteMs: environment.SEALGATE_UPSTREAM_FIRST_BYTE_TIMEOUT_MS,
    idleMs: environment.SEALGATE_UPSTREAM_IDLE_TIMEOUT_MS,
    totalMs: environment.SEALGATE_UPSTREAM_TOTAL_TIMEOUT_MS,
  });
}

const secret = (text: string | undefined): Secret | undefined =>
  text === undefined ? undefined : new Secret(text);

function providerKeysIn(env: Variables): ReadonlyMap<string, Secret> {
  const names = KNOWN_PROVIDERS.flatMap(({ variables }) => variables);
  return new Map(
    names.flatMap((name) => {
      const key = secret(env[name]);
      return key === undefined ? [] : [[name, key] as const];
    }),
  );
}

/** The key that `sealgate chat` and `sealgate models` use. */
const OF_THE_COMMAND = 'SEALGATE_API_KEY';

function unknownVariables(env: Variables): string[] {
  const known = Object.keys(Environment.shape);
  return Object.keys(env)
    .filter((name) => name.startsWith('SEALGATE_') && !known.includes(name))
    .filter((name) => name !== OF_THE_COMMAND)
    .map((name) => `${name} is not a variable of the gateway.${didYouMean(name, known)}`);
}
