import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { and, eq, isNull } from 'drizzle-orm';
import type { MemberActor } from '../../../platform/actor.ts';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant, organizations, type Transaction } from '../../../platform/db/index.ts';
import type { Page, PageRequest } from '../../../platform/page.ts';
import { Refusal } from '../../../platform/refusal.ts';
import type { Secret } from '../../../platform/secret.ts';
import type { Delivery } from '../../../platform/webhooks/index.ts';
import { refuseLimitedKey } from '../quotas/refuse-limited-key.ts';
import { listDeliveries, type AlertDelivery } from './delivery/deliveries.ts';
import { testWebhook, type AlertTesting } from './delivery/test-webhook.ts';
import { changeWebhook, sortThresholds } from './delivery/webhook.ts';
import { reviewOrganization } from './review-limits.ts';

type StoredOrganization = typeof organizations.$inferSelect;

/** Where the alerts of an organization go, and what for. */
export interface OrganizationAlerts {
  readonly webhookUrl: string | null;
  readonly thresholds: readonly number[];
  /** `null`: never. */
  readonly lowBalanceAlertNano: NanoUsd | null;
  readonly areMailed: boolean;
}

/** What is `undefined` stays. */
export interface OrganizationAlertsChange {
  readonly webhookUrl?: string | null | undefined;
  readonly isSecretRotated: boolean;
  readonly thresholds?: readonly number[] | undefined;
  readonly lowBalanceAlertNano?: NanoUsd | null | undefined;
  readonly areMailed?: boolean | undefined;
}

export interface ChangedOrganizationAlerts {
  readonly alerts: OrganizationAlerts;
  /** Of the webhook, when it is new. */
  readonly signingSecret: Secret | undefined;
}

export async function readOrganizationAlerts(
  ctx: Context<MemberActor>,
): Promise<OrganizationAlerts> {
  const { organizationId } = ctx.actor;
  return alertsOf(
    await inTenant(ctx, organizationId, (transaction) =>
      findOrganization(transaction, organizationId),
    ),
  );
}

export function updateOrganizationAlerts(
  ctx: Context<MemberActor>,
  change: OrganizationAlertsChange,
): Promise<ChangedOrganizationAlerts> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    await refuseLimitedKey(transaction, ctx.actor);
    const stored = await findOrganization(transaction, organizationId, { isHeld: true });
    const { webhook, signingSecret } = webhookOf(ctx, stored, change);
    const columns = {
      ...webhook,
      ...(change.thresholds && { alertThresholds: sortThresholds(change.thresholds) }),
      ...(change.lowBalanceAlertNano !== undefined && {
        lowBalanceAlertNano: change.lowBalanceAlertNano,
      }),
      ...(change.areMailed !== undefined && { areAlertsMailed: change.areMailed }),
    };
    const fields = Object.keys(columns);
    if (fields.length === 0) return { alerts: alertsOf(stored), signingSecret };
    const [changed] = await transaction
      .update(organizations)
      .set(columns)
      .where(eq(organizations.id, organizationId))
      .returning();
    if (changed === undefined) throw new Error('impossible: an organization that is held was lost');
    await recordDeed(transaction, ctx, {
      action: 'organization.update-alerts',
      subject: organizationId,
      organizationId,
      details: { fields },
    });
    await reviewOrganization(transaction, ctx, organizationId);
    return { alerts: alertsOf(changed), signingSecret };
  });
}

function webhookOf(
  ctx: Context,
  stored: StoredOrganization,
  { webhookUrl = stored.alertWebhookUrl, isSecretRotated }: OrganizationAlertsChange,
) {
  if (webhookUrl === null && isSecretRotated) {
    throw new Refusal('conflict', { message: 'There is no alert webhook. Set one first.' });
  }
  const isNothingToTakeAway = webhookUrl === null && stored.alertWebhookUrl === null;
  if (isNothingToTakeAway) return { webhook: {}, signingSecret: undefined };
  const webhook = webhookUrl === null ? null : { url: webhookUrl, isSecretRotated };
  const { columns, signingSecret } = changeWebhook(ctx, stored, webhook);
  return { webhook: columns, signingSecret };
}

/** Sends one test event to the organization's webhook, now. */
export async function testOrganizationAlerts(
  ctx: Context<MemberActor>,
  testing: AlertTesting,
): Promise<Delivery> {
  const { organizationId } = ctx.actor;
  const owner = await inTenant(ctx, organizationId, async (transaction) => {
    await refuseLimitedKey(transaction, ctx.actor);
    return findOrganization(transaction, organizationId);
  });
  return testWebhook(ctx, testing, {
    organizationId,
    keyId: null,
    owner,
    eventAt: (timestamp) => ({
      type: 'organization.alert_test',
      timestamp,
      data: { org_id: organizationId, thresholds: owner.alertThresholds },
    }),
  });
}

export function listOrganizationDeliveries(
  ctx: Context<MemberActor>,
  page: PageRequest,
): Promise<Page<AlertDelivery>> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, (transaction) =>
    listDeliveries(transaction, { organizationId, keyId: null }, page),
  );
}

async function findOrganization(
  transaction: Transaction,
  organizationId: string,
  options: { readonly isHeld?: boolean } = {},
): Promise<StoredOrganization> {
  const found = transaction
    .select()
    .from(organizations)
    .where(and(eq(organizations.id, organizationId), isNull(organizations.deletedAt)));
  const [stored] = await (options.isHeld === true ? found.for('no key update') : found);
  if (stored === undefined) throw new Refusal('not_found');
  return stored;
}

const alertsOf = (stored: StoredOrganization): OrganizationAlerts => ({
  webhookUrl: stored.alertWebhookUrl,
  thresholds: stored.alertThresholds,
  lowBalanceAlertNano:
    stored.lowBalanceAlertNano === null ? null : nanoUsd(stored.lowBalanceAlertNano),
  areMailed: stored.areAlertsMailed,
});
