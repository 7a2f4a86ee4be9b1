import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.ts';
import {
  chatCompletions,
  closeSilentConnections,
  createApp,
  createCallerAddress,
  createCors,
  createHttpServer,
  embeddings,
  openApiDocument,
  sealedChat,
  sealedIsOff,
} from './http/index.ts';
import { requestObserver } from './observation.ts';
import { systemClock } from './platform/clock.ts';
import type { Secret } from './platform/secret.ts';
import { createServices, type Services, type Startup } from './services.ts';
import { StartProblem } from './services/start-problem.ts';

export { StartProblem } from './services/start-problem.ts';

/** A gateway that answers. */
export interface Gateway {
  readonly url: string;
  /** Only of the very first start: the secret is shown this once. */
  readonly firstRun: { readonly organizationId: string; readonly keySecret: Secret } | undefined;
  readonly services: Services;
  /** Reads again what may change while we run: the price catalogue, and what hosts list. */
  reread(): Promise<void>;
  /** Takes no more requests, lets the running ones finish (up to 30 s), and ends everything. */
  close(): Promise<void>;
}

const DRAIN_MS = 30_000;
export const VERSION: string = readVersion();

/** Throws `StartProblem`, `DatabaseProblem` or `ConfigProblem` with a sentence for the operator. */
export async function startGateway(startup: Startup): Promise<Gateway> {
  const services = await createServices(startup);
  try {
    const server = createServer(services);
    const url = await listen(server, startup.config);
    const { firstRun } = services;
    services.log.info({ url, version: VERSION }, 'listening');
    return {
      url,
      services,
      reread: () => services.reread(),
      firstRun:
        firstRun.kind === 'created'
          ? { organizationId: firstRun.organization.id, keySecret: firstRun.secret }
          : undefined,
      close: async () => {
        await drain(server);
        await services.close();
      },
    };
  } catch (error) {
    await services.close();
    throw error;
  }
}

function createServer(services: Services): Server {
  const { config, gate, platform, chat, sealed, catalogue, metrics } = services;
  const callerAddress = createCallerAddress(config.trustedProxies);
  const cors = createCors(config.corsOrigins);
  const onRequestEnd = requestObserver(services, metrics);
  const app = createApp({
    gate,
    platform,
    webhooks: services.webhooks,
    payments: services.payments,
    invoices: services.invoices,
    mostCache: config.cache.mode,
    plans: services.plans,
    flushUsage: services.flushUsage,
    callerAddress,
    cors,
    onRequestEnd,
    catalogue: () => catalogue.current(),
    healthOf: (model) => chat.health.ofWay(model).state,
    providerDirectory: services.providerDirectory,
    now: systemClock,
    sealedPublicKey: sealed && (() => sealed.publicKeyPem()),
    readiness: () => readiness(services),
    metricsText: () => metrics.registry.metrics(),
    metricsToken: config.metricsToken,
    openApi: openApiDocument({ version: VERSION }),
    version: VERSION,
  });
  return createHttpServer({
    fetch: app.fetch,
    surroundings: { callerAddress, corsHeaders: cors.headersFor, now: systemClock, onRequestEnd },
    rawRoutes: {
      '/v1/chat/completions': chatCompletions(gate, chat),
      '/v1/embeddings': embeddings(gate, chat),
      '/v1/chat/secure_completion': sealed
        ? sealedChat(gate, chat, sealed)
        : () => Promise.reject(sealedIsOff()),
    },
  });
}

async function readiness(services: Services): Promise<Record<string, boolean>> {
  const isUp = (probe: Promise<unknown>): Promise<boolean> =>
    probe.then(
      () => true,
      () => false,
    );
  return {
    database: await isUp(services.database.pool.query('select 1')),
    models: services.catalogue.current().models.size > 0,
    sealed_key: services.sealed ? await isUp(services.sealed.publicKeyPem()) : true,
  };
}

async function listen(server: Server, { host, port }: Config): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, host, port);
  }
  const bound = server.address() as AddressInfo;
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return `http://${name}:${bound.port}`;
}

const OTHER_PORT = 'Set SEALGATE_PORT to another port, or to 0 for any free one.';
const LISTEN_PROBLEMS: Readonly<Record<string, (place: string) => string>> = {
  EADDRINUSE: (place) => `Another program already listens on ${place}. ${OTHER_PORT}`,
  EACCES: (place) => `This user may not listen on ${place}. ${OTHER_PORT}`,
  EADDRNOTAVAIL: (place) =>
    `This machine does not have the address of ${place}. Set SEALGATE_HOST to one it has.`,
};

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const message = LISTEN_PROBLEMS[error.code ?? '']?.(`${host}:${port}`);
  return message === undefined ? error : new StartProblem(message, { cause: error });
}

async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  closeSilentConnections(server);
  // Those that are busy now would wait for another request after this one.
  server.keepAliveTimeout = 1;
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return (manifest as { readonly version: string }).version;
}
