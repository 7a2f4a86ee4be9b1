import { recordDeed } from '../../platform/audit.ts';
import type { Actor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { apiKeys, inTenant, type Transaction } from '../../platform/db/index.ts';
import type { Secret } from '../../platform/secret.ts';
import type { ListedKey } from './list.ts';
import { mintSecret } from './secret.ts';

export interface NewKey {
  readonly organizationId: string;
  readonly name: string;
  readonly rateLimitRpm?: number | undefined;
  readonly allowedModels?: readonly string[] | undefined;
  readonly expiresAt?: Date | undefined;
}

export interface CreatedKey {
  readonly key: ListedKey;
  readonly secret: Secret;
}

/** Creates a key and returns its secret, which is never shown again. */
export function createKey(ctx: Context, input: NewKey): Promise<CreatedKey> {
  return inTenant(ctx, input.organizationId, (transaction) => insertKey(transaction, ctx, input));
}

/** As `createKey`, within a larger transaction. */
export async function insertKey(
  transaction: Transaction,
  ctx: Context,
  input: NewKey,
): Promise<CreatedKey> {
  const { secret, prefix, hash } = mintSecret();
  const key = {
    id: ctx.newId('key'),
    organizationId: input.organizationId,
    createdBy: makerOf(ctx.actor),
    name: input.name,
    prefix,
    rateLimitRpm: input.rateLimitRpm ?? null,
    allowedModels: input.allowedModels === undefined ? null : [...input.allowedModels],
    ...UNRESTRICTED,
    alertThresholds: [50, 80, 100],
    createdAt: new Date(ctx.clock()),
    expiresAt: input.expiresAt ?? null,
    revokedAt: null,
    lastUsedAt: null,
  };
  await transaction.insert(apiKeys).values({ ...key, secretHash: hash });
  await recordDeed(transaction, ctx, {
    action: 'key.create',
    subject: key.id,
    organizationId: key.organizationId,
    details: { name: key.name },
  });
  return { key, secret };
}

const UNRESTRICTED = {
  monthlySpendCapNano: null,
  alertWebhookUrl: null,
  geoPolicy: 'any',
  ipAllowList: null,
  rotatedFrom: null,
} as const;

/** The person who makes the key, also with another key. */
const makerOf = (actor: Actor): string | null =>
  actor.kind === 'user' || actor.kind === 'key' ? (actor.userId ?? null) : null;
