import {
  ENDPOINTS,
  nanoUsd,
  parseUsd,
  printUsd,
  type AlertTest,
  type ApiKeyChange,
  type ChangedApiKey,
  type IssuedApiKey,
  type NanoUsd,
  type ApiKey as PrintedKey,
} from '@sealgate/contract';
import {
  createKey,
  listKeysInUse,
  retrieveKey,
  revokeKey,
  rotateKey,
  statusOf,
  testAlert,
  updateKey,
  type ChangedKey,
  type IssuedKey,
  type KeyChange,
  type KeyInUse,
  type KeyLimits,
  type KeyReference,
} from '../../customers/keys/index.ts';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import type { Delivery, WebhookSender } from '../../platform/webhooks/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';

export function addKeyRoutes(addRoute: AddRoute, webhooks: WebhookSender): void {
  addRoute(ENDPOINTS.createKey, async (ctx, { body: { name, ...limits } }) => {
    const { organizationId } = ctx.actor;
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
  addRoute(ENDPOINTS.testAlertWebhook, async (ctx, { params }) =>
    printDelivery(await testAlert(ctx, webhooks, referenceOf(ctx, params))),
  );
  addChangeRoutes(addRoute);
}

function addChangeRoutes(addRoute: AddRoute): void {
  const change = async (
    ctx: Context<MemberActor>,
    params: KeyParams,
    wanted: KeyChange,
  ): Promise<ChangedApiKey> =>
    printChanged(ctx, await updateKey(ctx, referenceOf(ctx, params), wanted));

  addRoute(ENDPOINTS.updateKey, (ctx, { params, body: { name, ...limits } }) =>
    change(ctx, params, { name, ...readLimits(limits) }),
  );
  addRoute(ENDPOINTS.updateSpendCap, (ctx, { params, body }) =>
    change(ctx, params, { monthlySpendCapNano: read(body.monthly_spend_cap_usd ?? null, readCap) }),
  );
  addRoute(ENDPOINTS.updateAlertWebhook, (ctx, { params, body: { url, thresholds } }) =>
    change(ctx, params, { alertWebhook: url === undefined ? null : { url, thresholds } }),
  );
  addRoute(ENDPOINTS.updateGeoPolicy, (ctx, { params, body }) =>
    change(ctx, params, { geoPolicy: body.geo_policy }),
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
    monthlySpendCapNano: read(limits.monthly_spend_cap_usd, readCap),
    alertWebhook: read(limits.alert_webhook_url, (url) => ({ url })),
    geoPolicy: limits.geo_policy,
    allowedModels: limits.allowed_models,
    ipAllowList: limits.ip_allow_list,
    expiresAt: read(limits.expires_at, (text) => new Date(text)),
    rateLimitRpm: limits.rate_limit_rpm,
  };
}

/** `null` takes a limit away, `undefined` leaves it. */
const read = <Result>(
  text: string | null | undefined,
  parse: (text: string) => Result,
): Result | null | undefined => (text === null || text === undefined ? text : parse(text));

function readCap(text: string): NanoUsd {
  const cap = parseUsd(text);
  if (cap === undefined) throw new Error('impossible: the schema lets amounts through only');
  return cap;
}

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
  monthly_spend_cap_usd:
    key.monthlySpendCapNano === null ? null : printUsd(nanoUsd(key.monthlySpendCapNano)),
  spend_this_month_usd: printUsd(key.spendThisMonthNano),
  alert_webhook_url: key.alertWebhookUrl,
  alert_thresholds: key.alertThresholds,
  geo_policy: key.geoPolicy,
  allowed_models: key.allowedModels,
  ip_allow_list: key.ipAllowList,
  rate_limit_rpm: key.rateLimitRpm,
  created_by: key.createdBy,
  created_at: key.createdAt.toISOString(),
  expires_at: printTime(key.expiresAt),
  revoked_at: printTime(key.revokedAt),
  last_used_at: printTime(key.lastUsedAt),
  previous_secret_ends_at: printTime(key.previousSecretEndsAt),
});

const printTime = (time: Date | null): string | null => time?.toISOString() ?? null;

function printDelivery(delivery: Delivery): AlertTest {
  switch (delivery.kind) {
    case 'delivered':
      return { delivered: true, status: delivery.status, problem: null };
    case 'not-accepted':
      return { delivered: false, status: delivery.status, problem: 'not_accepted' };
    case 'unreachable':
    case 'timeout':
      return { delivered: false, status: null, problem: delivery.kind };
  }
}
