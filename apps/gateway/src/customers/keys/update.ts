import { eq } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { apiKeys, inTenant, type Transaction } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { Secret } from '../../platform/secret.ts';
import { changeWebhook, refuseLimitedKey, reviewLimits, sortThresholds } from '../billing/index.ts';
import { requireCapAuthority, takeKey } from './authority.ts';
import { SHOWN_COLUMNS, type KeyInUse, type KeyReference, type ListedKey } from './key.ts';
import { cacheColumns, checkLimits, type KeyLimits } from './limits.ts';
import { withSpend } from './spend.ts';

/** What is `undefined` stays. */
export interface KeyChange extends KeyLimits {
  readonly name?: string | undefined;
}

export interface ChangedKey {
  readonly key: KeyInUse;
  /** Of the alert webhook, when there is a new one. */
  readonly signingSecret: Secret | undefined;
}

export function updateKey(
  ctx: Context,
  reference: KeyReference,
  change: KeyChange,
): Promise<ChangedKey> {
  if (change.monthlySpendCapNano !== undefined) requireCapAuthority(ctx.actor);
  checkLimits(ctx, change);
  return inTenant(ctx, reference.organizationId, async (transaction) => {
    const stored = await takeKey(transaction, ctx, reference);
    await refuseLimitedKey(transaction, ctx.actor);
    if (stored.revokedAt !== null) {
      throw new Refusal('conflict', { message: 'This key was revoked. Create a new one.' });
    }
    const { alertWebhook, ...columns } = change;
    const webhook = alertWebhook === undefined ? NONE : changeWebhook(ctx, stored, alertWebhook);
    const key = await write(transaction, stored, { ...columnsOf(columns), ...webhook.columns });
    await recordDeed(transaction, ctx, {
      action: 'key.update',
      subject: key.id,
      organizationId: key.organizationId,
      details: {
        fields: namesOf(change),
        ...(change.cache && { cache: change.cache }),
        ...limitsOf(stored, change),
      },
    });
    if (change.monthlySpendCapNano !== undefined || change.alertThresholds !== undefined) {
      const { id: subject, organizationId } = key;
      await reviewLimits(transaction, ctx, organizationId, [{ scope: 'key', subject }]);
    }
    const [changed] = await withSpend(transaction, ctx, [key]);
    if (changed === undefined) throw new Error('impossible: a key was lost');
    return { key: changed, signingSecret: webhook.signingSecret };
  });
}

/** As of an organization's quota: who lifted a limit, and from where to where, is what a record is for. */
const limitsOf = (before: ListedKey, { monthlySpendCapNano, geoPolicy }: KeyChange) => ({
  ...(monthlySpendCapNano !== undefined && {
    monthlySpendCapNano: {
      from: before.monthlySpendCapNano?.toString() ?? null,
      to: monthlySpendCapNano?.toString() ?? null,
    },
  }),
  ...(geoPolicy !== undefined && { geoPolicy: { from: before.geoPolicy, to: geoPolicy } }),
});

const NONE = { columns: {}, signingSecret: undefined } as const;

type Columns = PgUpdateSetSource<typeof apiKeys>;

function columnsOf({
  allowedModels,
  ipAllowList,
  alertThresholds,
  cache,
  ...others
}: Omit<KeyChange, 'alertWebhook'>): Columns {
  return {
    ...others,
    ...cacheColumns(cache),
    ...(allowedModels !== undefined && { allowedModels: allowedModels && [...allowedModels] }),
    ...(ipAllowList !== undefined && { ipAllowList: ipAllowList && [...ipAllowList] }),
    ...(alertThresholds && { alertThresholds: sortThresholds(alertThresholds) }),
  };
}

async function write(
  transaction: Transaction,
  stored: ListedKey,
  columns: Columns,
): Promise<ListedKey> {
  if (namesOf(columns).length === 0) return stored;
  const [key] = await transaction
    .update(apiKeys)
    .set(columns)
    .where(eq(apiKeys.id, stored.id))
    .returning(SHOWN_COLUMNS);
  if (key === undefined) throw new Error('impossible: a key that is held was lost');
  return key;
}

const namesOf = (change: object): string[] =>
  Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));
