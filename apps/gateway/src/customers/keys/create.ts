import { nanoUsd } from '@sealgate/contract';
import type { Actor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { apiKeys, inTenant, type Transaction } from '../../platform/db/index.ts';
import type { Secret } from '../../platform/secret.ts';
import { changeWebhook, NO_WEBHOOK, refuseLimitedKey, sortThresholds } from '../billing/index.ts';
import { requireCapAuthority } from './authority.ts';
import type { KeyInUse } from './key.ts';
import { cacheColumns, checkLimits, NO_CACHE, type KeyLimits } from './limits.ts';
import { mintSecret } from './secret.ts';

export interface NewKey extends KeyLimits {
  readonly organizationId: string;
  readonly name: string;
}

export interface IssuedKey {
  readonly key: KeyInUse;
  readonly secret: Secret;
  /** Of the alert webhook, when there is a new one. */
  readonly signingSecret: Secret | undefined;
}

/** Creates a key and returns its secret, which is never shown again. */
export function createKey(ctx: Context, input: NewKey): Promise<IssuedKey> {
  if (input.monthlySpendCapNano != null) requireCapAuthority(ctx.actor);
  checkLimits(ctx, input);
  return inTenant(ctx, input.organizationId, async (transaction) => {
    await refuseLimitedKey(transaction, ctx.actor);
    return insertKey(transaction, ctx, input);
  });
}

/** As `createKey`, within a larger transaction and without asking who may. */
export async function insertKey(
  transaction: Transaction,
  ctx: Context,
  input: NewKey,
): Promise<IssuedKey> {
  const { alertWebhook = null, ...limits } = input;
  const { secret, prefix, hash } = mintSecret();
  const id = ctx.newId('key');
  const { columns, signingSecret } = changeWebhook(ctx, { id, ...NO_WEBHOOK }, alertWebhook);
  const key = {
    id,
    organizationId: input.organizationId,
    createdBy: makerOf(ctx.actor),
    name: input.name,
    prefix,
    rateLimitRpm: limits.rateLimitRpm ?? null,
    allowedModels: limits.allowedModels ? [...limits.allowedModels] : null,
    monthlySpendCapNano: limits.monthlySpendCapNano ?? null,
    geoPolicy: limits.geoPolicy ?? 'any',
    ipAllowList: limits.ipAllowList ? [...limits.ipAllowList] : null,
    alertWebhookUrl: columns.alertWebhookUrl ?? null,
    alertThresholds: sortThresholds(limits.alertThresholds ?? DEFAULT_THRESHOLDS),
    ...NO_CACHE,
    ...cacheColumns(limits.cache),
    previousSecretEndsAt: null,
    createdAt: new Date(ctx.clock()),
    expiresAt: limits.expiresAt ?? null,
    revokedAt: null,
    lastUsedAt: null,
  };
  await transaction.insert(apiKeys).values({ ...key, secretHash: hash, ...columns });
  await recordDeed(transaction, ctx, {
    action: 'key.create',
    subject: key.id,
    organizationId: key.organizationId,
  });
  return { key: { ...key, spendThisMonthNano: nanoUsd(0n) }, secret, signingSecret };
}

const DEFAULT_THRESHOLDS = [50, 80, 100] as const;

/** The person who makes the key, also with another key. */
const makerOf = (actor: Actor): string | null =>
  actor.kind === 'user' || actor.kind === 'key' ? (actor.userId ?? null) : null;
