import type { CacheMode } from '@sealgate/contract';
import { Hono, type Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { InvoiceServices, PaymentServices, PlanServices } from '../customers/billing/index.ts';
import type { ApiKey } from '../customers/keys/index.ts';
import { readListedModels, type ProviderDirectory } from '../customers/provider-keys/index.ts';
import { newId } from '../platform/ids.ts';
import { createRateLimiter } from '../platform/limits/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Secret } from '../platform/secret.ts';
import type { WebhookSender } from '../platform/webhooks/index.ts';
import {
  authenticateKey,
  rateLimitHeaders,
  refuseExcess,
  type KeyGate,
} from './authenticate-key.ts';
import type { CallerAddress } from './caller-address.ts';
import type { Cors } from './cors.ts';
import type { Env } from './env.ts';
import { routeAdder, type PlatformServices } from './platform/add-route.ts';
import { refuseOtherMethods } from './platform/refuse-other-methods.ts';
import type { RequestLine } from './raw/serve.ts';
import { REFERENCE_HEADERS, referencePage } from './reference-page/index.ts';
import { refusalOf, refusalResponse } from './refusal-response.ts';
import { addAccountRoutes } from './routes/accounts.ts';
import { addAlertRoutes } from './routes/alerts.ts';
import { addAuthRoutes } from './routes/auth.ts';
import { addBillingRoutes } from './routes/billing.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addMemberRoutes } from './routes/members.ts';
import { addConversationRoutes } from './routes/conversations.ts';
import { addInvoiceRoutes } from './routes/invoices.ts';
import { addPaymentRoutes } from './routes/payments.ts';
import { addPlanRoutes } from './routes/plans.ts';
import { addProviderKeyRoutes } from './routes/provider-keys.ts';
import { addStripeWebhook } from './routes/stripe-webhook.ts';
import { addFeedbackRoutes } from './routes/feedback.ts';
import { addGenerationRoutes } from './routes/generations.ts';
import {
  listModels,
  retrieveModel,
  type ListedModels,
  type ModelServices,
} from './routes/models.ts';
import { addOrganizationRoutes } from './routes/organizations.ts';
import { addRoutingRoutes } from './routes/routing.ts';

export interface AppServices extends ModelServices {
  readonly gate: KeyGate;
  readonly platform: PlatformServices;
  /** Resolves when what the usage journals hold now is in the database. */
  readonly flushUsage: () => Promise<void>;
  readonly webhooks: WebhookSender;
  readonly payments: PaymentServices;
  readonly invoices: InvoiceServices;
  /** The most that a key may choose. */
  readonly mostCache: CacheMode;
  readonly plans: PlanServices;
  readonly providerDirectory: ProviderDirectory;
  readonly callerAddress: CallerAddress;
  readonly cors: Cors;
  readonly now: () => number;
  readonly onRequestEnd: (line: RequestLine) => void;
  /** PEM of the key that sealed requests are encrypted to; `undefined`: sealed chat is switched off. */
  readonly sealedPublicKey: (() => Promise<string>) | undefined;
  /** Name of each part that is needed to serve, and whether it is there. */
  readonly readiness: () => Promise<Readonly<Record<string, boolean>>>;
  readonly metricsText: () => Promise<string>;
  readonly metricsToken: Secret | undefined;
  readonly openApi: object;
  readonly version: string;
}

/** Every route that is not billable. */
export function createApp(services: AppServices): Hono<Env> {
  const app = new Hono<Env>();
  app.use(observe(services));
  app.onError((thrown, context) => refuse(context, thrown));
  // Thrown, it would pass by `observe`.
  app.notFound((context) => refuse(context, NOTHING_HERE));
  app.options('*', (context) =>
    context.body(null, 204, { ...services.cors.preflightFor(context.req.header('origin')) }),
  );
  addPublicRoutes(app, services);
  addModelRoutes(app, services);
  addPlatformRoutes(app, services);
  refuseOtherMethods(app);
  return app;
}

const NOTHING_HERE = new Refusal('not_found', {
  message: 'There is nothing at this path. See /openapi.json.',
});

function refuse(context: Context<Env>, thrown: unknown): Response {
  const refusal = refusalOf(thrown);
  const facts = context.get('facts');
  facts.refusal = refusal.code;
  if (refusal.cause !== undefined) facts.error = refusal.cause;
  const { status, headers, body } = refusalResponse(refusal);
  // With the headers that were set before, such as those of the rate limit.
  return context.body(body, status as ContentfulStatusCode, { ...headers });
}

function addPublicRoutes(app: Hono<Env>, services: AppServices): void {
  app.get('/', (context) =>
    context.json({
      name: 'Sealgate',
      version: services.version,
      openapi: '/openapi.json',
      health: '/healthz',
    }),
  );
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    const checks = await services.readiness();
    const isReady = Object.values(checks).every(Boolean);
    if (!isReady) context.header('retry-after', '2');
    return context.json({ status: isReady ? 'ready' : 'not ready', checks }, isReady ? 200 : 503);
  });
  app.get('/openapi.json', (context) => context.json(services.openApi));
  let page: ReturnType<typeof referencePage> | undefined;
  app.get('/docs', (context) => {
    page ??= referencePage(services.version);
    return context.html(page, 200, REFERENCE_HEADERS);
  });
  app.get('/pki/public_key', async (context) => {
    if (!services.sealedPublicKey) throw sealedIsOff();
    return context.text(await services.sealedPublicKey());
  });
  app.get('/metrics', async (context) => {
    refuseStranger(services, context);
    return context.body(await services.metricsText(), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  });
}

function addModelRoutes(app: Hono<Env>, services: AppServices): void {
  app.get('/v1/models', async (context) => {
    const key = await enter(services, context);
    return context.json(listModels(services, key, await modelsOfOwnKeys(services, key)));
  });
  app.get('/v1/models/:id{.+}', async (context) => {
    const key = await enter(services, context);
    const ofOwnKeys = await modelsOfOwnKeys(services, key);
    return context.json(retrieveModel(services, key, { id: context.req.param('id'), ofOwnKeys }));
  });
}

/** What the providers have listed to the organization's own keys: not in the catalogue, which is everybody's. */
async function modelsOfOwnKeys({ platform }: AppServices, key: ApiKey): Promise<ListedModels> {
  return key.ownKeys.size === 0 ? new Map() : readListedModels(platform, key.organizationId);
}

function addPlatformRoutes(app: Hono<Env>, services: AppServices): void {
  const { gate, platform } = services;
  const addRoute = routeAdder({
    app,
    gate,
    platform,
    addressOf: (context) => addressOf(services, context),
  });
  addAuthRoutes(addRoute, platform.accounts);
  addAccountRoutes(addRoute, platform.accounts);
  const aMinute = () => createRateLimiter({ clock: services.now, windowMs: 60_000 });
  const testing = { webhooks: services.webhooks, tests: aMinute() };
  addKeyRoutes(addRoute, { testing, mostCache: services.mostCache });
  addAlertRoutes(addRoute, testing);
  addOrganizationRoutes(addRoute);
  addConversationRoutes(addRoute);
  addFeedbackRoutes(addRoute, services.flushUsage);
  addGenerationRoutes(addRoute, services.flushUsage);
  addMemberRoutes(addRoute);
  addRoutingRoutes(addRoute);
  addBillingRoutes(addRoute);
  addPlanRoutes(addRoute, services.plans);
  addPaymentRoutes(addRoute, services.payments);
  addInvoiceRoutes(addRoute, services.invoices);
  const { providerDirectory: directory } = services;
  addProviderKeyRoutes(addRoute, { directory, checks: aMinute() });
  addStripeWebhook(app, platform, services.payments, (context) => addressOf(services, context));
}

export const sealedIsOff = (): Refusal =>
  new Refusal('not_found', { message: 'Sealed chat is switched off on this server.' });

async function enter(services: AppServices, context: Context<Env>): Promise<ApiKey> {
  const { gate } = services;
  const key = await authenticateKey(gate, {
    authorization: context.req.header('authorization'),
    address: addressOf(services, context),
  });
  const facts = context.get('facts');
  facts.keyId = key.id;
  facts.organizationId = key.organizationId;
  const verdict = gate.requests.take(key.id, key.rateLimitRpm);
  for (const [name, value] of Object.entries(rateLimitHeaders(verdict)))
    context.header(name, value);
  refuseExcess(verdict);
  return key;
}

/** Metrics are for the operator: whoever has the token, or, without one, whoever sits on this machine. */
function refuseStranger(services: AppServices, context: Context<Env>): void {
  const token = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '';
  if (services.metricsToken) {
    if (services.metricsToken.equals(token)) return;
    throw new Refusal('invalid_api_key', { message: 'Send the metrics token as a bearer token.' });
  }
  const isProxied = context.req.header('x-forwarded-for') !== undefined;
  const address = addressOf(services, context);
  const isLoopback = address.startsWith('127.') || address === '::1';
  if (isProxied || !isLoopback) {
    throw new Refusal('permission_denied', {
      message: 'Set SEALGATE_METRICS_TOKEN to read metrics from another machine.',
    });
  }
}

const addressOf = (services: AppServices, context: Context<Env>): string =>
  services.callerAddress(
    context.env.incoming.socket.remoteAddress,
    context.req.header('x-forwarded-for'),
  );

function observe(services: AppServices) {
  return async function observe(context: Context<Env>, next: () => Promise<void>): Promise<void> {
    const startedAt = services.now();
    const traceId = newId('trace', startedAt);
    context.set('traceId', traceId);
    context.set('facts', { route: 'other' });
    await next();
    const { headers } = context.res;
    headers.set('x-trace-id', traceId);
    headers.set('x-request-id', traceId);
    const cors = services.cors.headersFor(context.req.header('origin'));
    for (const [name, value] of Object.entries(cors)) headers.set(name, value);
    services.onRequestEnd({
      ...context.get('facts'),
      route: context.req.routePath === '*' ? 'other' : context.req.routePath,
      traceId,
      method: context.req.method,
      status: context.res.status,
      durationMs: services.now() - startedAt,
    });
  };
}
