import {
  ENDPOINTS,
  printUsd,
  type ApiKeyChange,
  type CacheChange,
  type CacheMode,
  type ChangedApiKey,
  type IssuedApiKey,
  type ApiKey as PrintedKey,
} from '@sealgate/contract';
import type { AlertTesting } from '../../customers/billing/index.ts';
import {
  clearKeyCache,
  createKey,
  listKeyAlertDeliveries,
  listKeysInUse,
  refuseBeyond,
  retrieveKey,
  revokeKey,
  rotateKey,
  statusOf,
  testAlert,
  updateKey,
  type CacheLimits,
  type ChangedKey,
  type IssuedKey,
  type KeyChange,
  type KeyInUse,
  type KeyLimits,
  type KeyReference,
} from '../../customers/keys/index.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';
import { printDelivery, printTest } from './print-alert.ts';
import { printLimit, readLimit } from './spend-limit.ts';

interface KeyRouteServices {
  readonly testing: AlertTesting;
  /** The most that a key may choose. */
  readonly mostCache: CacheMode;
}

export function addKeyRoutes(addRoute: AddRoute, { testing, mostCache }: KeyRouteServices): void {
  addRoute(ENDPOINTS.createKey, async (ctx, { body: { name, ...limits } }) => {
    const { organizationId } = ctx.actor;
    refuseBeyond(mostCache, limits.cache?.mode);
    return printIssued(ctx, await createKey(ctx, { organizationId, name, ...readLimits(limits) }));
  });
  addRoute(ENDPOINTS.listKeys, async (ctx, { query }) =>
    printList(await listKeysInUse(ctx, ctx.actor.organizationId, query), (key) =>
      printKey(ctx, key),
    ),
  );
  addRoute(ENDPOINTS.retrieveKey, async (ctx, { params }) =>
    printKey(ctx, await retrieveKey(ctx, referenceOf(ctx, params))),
  );
  addRoute(ENDPOINTS.rotateKey, async (ctx, { params, body }) =>
    printIssued(
      ctx,
      await rotateKey(ctx, referenceOf(ctx, params), { graceSeconds: body.grace_period_seconds }),
    ),
  );
  addRoute(ENDPOINTS.revokeKey, (ctx, { params }) => revokeKey(ctx, referenceOf(ctx, params)));
  addRoute(ENDPOINTS.clearKeyCache, (ctx, { params }) =>
    clearKeyCache(ctx, referenceOf(ctx, params)),
  );
  addRoute(ENDPOINTS.testAlertWebhook, async (ctx, { params }) =>
    printTest(await testAlert(ctx, testing, referenceOf(ctx, params))),
  );
  addRoute(ENDPOINTS.listKeyAlertDeliveries, async (ctx, { params, query }) =>
    printList(await listKeyAlertDeliveries(ctx, referenceOf(ctx, params), query), printDelivery),
  );
  addChangeRoutes(addRoute, mostCache);
}

function addChangeRoutes(addRoute: AddRoute, mostCache: CacheMode): void {
  const change = async (
    ctx: Context<MemberActor>,
    params: KeyParams,
    wanted: KeyChange,
  ): Promise<ChangedApiKey> => {
    refuseBeyond(mostCache, wanted.cache?.mode);
    return printChanged(ctx, await updateKey(ctx, referenceOf(ctx, params), wanted));
  };

  addRoute(ENDPOINTS.updateKey, (ctx, { params, body: { name, ...limits } }) =>
    change(ctx, params, { name, ...readLimits(limits) }),
  );
  addRoute(ENDPOINTS.updateSpendCap, (ctx, { params, body }) =>
    change(ctx, params, { monthlySpendCapNano: readLimit(body.monthly_spend_cap_usd ?? null) }),
  );
  addRoute(ENDPOINTS.updateAlertWebhook, (ctx, { params, body }) =>
    change(
      ctx,
      params,
      body.url === undefined
        ? { alertWebhook: null }
        : {
            alertWebhook: { url: body.url, isSecretRotated: body.rotate_secret },
            alertThresholds: body.thresholds,
          },
    ),
  );
  addRoute(ENDPOINTS.updateGeoPolicy, (ctx, { params, body }) =>
    change(ctx, params, { geoPolicy: body.geo_policy }),
  );
  addRoute(ENDPOINTS.updateKeyCache, (ctx, { params, body }) =>
    change(ctx, params, { cache: readCache(body) }),
  );
}

interface KeyParams {
  readonly key_id: string;
}

const referenceOf = (ctx: Context<MemberActor>, { key_id: id }: KeyParams): KeyReference => ({
  id,
  organizationId: ctx.actor.organizationId,
});

function readLimits(limits: Omit<ApiKeyChange, 'name'>): KeyLimits {
  return {
    monthlySpendCapNano: readLimit(limits.monthly_spend_cap_usd),
    alertWebhook: read(limits.alert_webhook_url, (url) => ({ url })),
    alertThresholds: limits.alert_thresholds,
    geoPolicy: limits.geo_policy,
    allowedModels: limits.allowed_models,
    ipAllowList: limits.ip_allow_list,
    expiresAt: read(limits.expires_at, (text) => new Date(text)),
    rateLimitRpm: limits.rate_limit_rpm,
    cache: limits.cache && readCache(limits.cache),
  };
}

const readCache = (cache: CacheChange): CacheLimits => ({
  mode: cache.mode,
  scope: cache.scope,
  ttlSeconds: cache.ttl_seconds,
  minSimilarity: cache.min_similarity,
});

/** `null` takes a limit away, `undefined` leaves it. */
const read = <Result>(
  text: string | null | undefined,
  parse: (text: string) => Result,
): Result | null | undefined => (text === null || text === undefined ? text : parse(text));

function printIssued(ctx: Context, { key, secret, signingSecret }: IssuedKey): IssuedApiKey {
  return {
    full_key: secret.reveal(),
    key: printKey(ctx, key),
    ...(signingSecret && { signing_secret: signingSecret.reveal() }),
  };
}

function printChanged(ctx: Context, { key, signingSecret }: ChangedKey): ChangedApiKey {
  return {
    ...printKey(ctx, key),
    ...(signingSecret && { signing_secret: signingSecret.reveal() }),
  };
}

const printKey = ({ clock }: Context, key: KeyInUse): PrintedKey => ({
  key_id: key.id,
  name: key.name,
  prefix: key.prefix,
  status: statusOf(key, clock()),
  monthly_spend_cap_usd: printLimit(key.monthlySpendCapNano),
  spend_this_month_usd: printUsd(key.spendThisMonthNano),
  alert_webhook_url: key.alertWebhookUrl,
  alert_thresholds: key.alertThresholds,
  geo_policy: key.geoPolicy,
  allowed_models: key.allowedModels,
  ip_allow_list: key.ipAllowList,
  rate_limit_rpm: key.rateLimitRpm,
  cache: {
    mode: key.cacheMode,
    scope: key.cacheScope,
    ttl_seconds: key.cacheTtlSeconds,
    min_similarity: key.cacheMinSimilarity,
  },
  created_by: key.createdBy,
  created_at: key.createdAt.toISOString(),
  expires_at: printTime(key.expiresAt),
  revoked_at: printTime(key.revokedAt),
  last_used_at: printTime(key.lastUsedAt),
  previous_secret_ends_at: printTime(key.previousSecretEndsAt),
});

const printTime = (time: Date | null): string | null => time?.toISOString() ?? null;
